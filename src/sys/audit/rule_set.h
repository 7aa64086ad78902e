#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/audit/control.h"
#include "sys/audit/rule_parser.h"

namespace acta::kaudit {

/// What has to be done to the kernel's rules so that those wanted are there.
struct RuleChange {
  Rule::Op op = Rule::Op::append;
  RuleBytes bytes;
  std::string text;   ///< as written, or as auditctl would print it
  std::string where;  ///< empty: it is the kernel's own
};

/// Whether two are the same rule to the kernel: the same filter, action, fields, calls and strings in the same order.
/// It compares them so itself when it says that a rule exists (kernel/auditfilter.c: audit_compare_rule).
bool same_rule(const RuleBytes& a, const RuleBytes& b);

/// The difference: wanted rules that are not there are added, those of -d and -W that are there deleted; with `replace`
/// (or -D in the script) what is there and not wanted is deleted too. A rule that is wanted twice is added once.
std::vector<RuleChange> difference(const RuleScript& wanted, const std::vector<RuleBytes>& there, bool replace);

/// A rule as auditctl -l prints it, where it can be said so; fields that are not known by number.
std::string print_rule(const RuleBytes& rule);

/// Reads and joins rule files: paths and glob patterns, in order, what a pattern finds sorted by name. A pattern
/// without a match is no error; a file that cannot be read is, in RuleScript::bad. `inline_rules` come last.
RuleScript read_rules(const std::vector<std::string>& patterns, const std::string& inline_rules);

}  // namespace acta::kaudit
