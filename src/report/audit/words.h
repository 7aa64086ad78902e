#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/audit/extract.h"

namespace acta::report::audit {

/// How text that users control is made harmless where it is printed (--escape).
enum class Escape : uint8_t { raw, tty, shell, shell_quote };

/// `text` as the tools print it: control bytes, and for shells their special characters, behind a backslash.
std::string escaped(std::string_view text, Escape how);

/// The values of an enriched tail by name: AUID="alice" is "alice" for "auid".
class TailWords {
 public:
  TailWords() = default;
  explicit TailWords(std::string_view tail);
  /// The first of that (lower-case) name; empty when there is none.
  [[nodiscard]] std::string_view find(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string_view>> words_;
};

/// The tail that the tools go by for a whole event: of its only record, or of SYSCALL when that is the first.
TailWords words_of(const AuditEvent& event);

/// The name of an id: what the document calls it, "root" and "unset" where it says nothing; "unknown(N)" else.
std::string name_of(const AuditEvent& event, uint32_t id, bool group = false);

/// With -i the name of a login id ("unset" for -1, what the tail says, else name_of()), without it the number.
std::string login_word(const AuditEvent& event, const TailWords& words, uint32_t id, bool interpret);

/// With -i the name of the system call, "socketcall(connect)" for calls in calls; without it the number.
std::string syscall_word(const Extracted& found, const TailWords& words, bool interpret);

/// "yes", "no", "unset".
std::string_view success_word(int success);
/// Name of a record type by libaudit, "(null)" when it has none.
std::string type_word(int type);

}  // namespace acta::report::audit
