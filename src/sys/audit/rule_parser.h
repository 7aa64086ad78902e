#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/audit/control.h"

namespace acta::kaudit {

/// A rule as somebody wrote it, and what the kernel takes for it.
struct Rule {
  enum class Op : uint8_t { append, prepend, remove };
  Op op = Op::append;
  RuleBytes bytes;    ///< flags hold the filter, and AUDIT_FILTER_PREPEND for Op::prepend
  std::string text;   ///< as written
  std::string where;  ///< "file:line"
};

/// What a file of auditctl(8) says, in order.
struct RuleScript {
  std::vector<Rule> rules;
  std::vector<std::string> bad;  ///< lines that are no rule: where, what, and the way out
  bool delete_all = false;       ///< -D: rules that are there and not here are to go
  Change settings{};             ///< -b, -f, -r, -e, --backlog_wait_time
  void append(RuleScript&& other);
};

/// Reads rules in the syntax of auditctl(8) and audit.rules(7): -a, -A, -d, -w, -W with -p, -k, -S, -F, -C; -D;
/// settings; # comments. Words may be quoted. -c and -i are taken and mean nothing: whether a bad rule stops the others
/// is the configuration's to say. A bad line is told in `bad` and left out. By libaudit, whose state is global: one
/// thread at a time in the whole program. `name` is the file's, for messages. Watches ask the file system whether a
/// path is a directory; exe=, sessionid=, fstype= and what the exclude filter has beside msgtype= ask the kernel, which
/// answers to CAP_AUDIT_CONTROL in the first PID namespace only.
RuleScript parse_rules(std::string_view text, const std::string& name);

/// One rule of words already split. Fails with what is wrong.
Result<Rule> parse_rule(const std::vector<std::string>& words);

}  // namespace acta::kaudit
