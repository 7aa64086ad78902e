#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace acta::audit {

/// What a field's value means depends on these (auparse's tables).
struct FieldContext {
  uint16_t record_type = 0;
  uint32_t arch = 0;     ///< AUDIT_ARCH_* of the event's SYSCALL or SECCOMP record; 0 unknown
  int32_t syscall = -1;  ///< number; -1 unknown
};

/// Kind of a field by libauparse's typetab and its overrides by record (facts in docs/audit-records.md).
enum class FieldKind : uint8_t { text, escaped, uid, gid, typed };

/// Words for typed values, by libauparse: flags, modes, capabilities, signals, errno, socket addresses … User and group ids are never asked of
/// libauparse (see UserDb). Behind a memo of bounded size. One thread: libauparse has global state.
class Interpreter {
 public:
  explicit Interpreter(size_t entries_max = 16384);
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  [[nodiscard]] FieldKind kind(uint16_t record_type, std::string_view field, bool quoted, std::string_view value) const;

  /// The words for a typed value as printed (without quotes), or empty when libauparse gives nothing but the value itself (also "0x" + the
  /// value for a0-a3). The view lives until clear_transient() or the next 1,000 calls, whichever comes first: copy what must live longer.
  std::string_view words(const FieldContext& context, std::string_view field, std::string_view value);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Name of a system call for an AUDIT_ARCH_* value; empty when not known. Any thread, constant time.
std::string_view syscall_name(uint32_t arch, int32_t number);
/// "x86_64", "i386", "aarch64" … for an AUDIT_ARCH_* value; empty when not known.
std::string_view arch_name(uint32_t arch);
/// "EACCES" for 13; empty when not known.
std::string_view errno_name(int number);

}  // namespace acta::audit
