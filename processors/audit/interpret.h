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
  uint64_t a0 =
      0;  ///< first arguments of the system call, on which the meaning of others rests (prctl, fcntl, setsockopt, open)
  uint64_t a1 = 0;
};

/// Kind of a field by libauparse's typetab and its overrides by record (facts in docs/audit-records.md).
enum class FieldKind : uint8_t { text, escaped, uid, gid, typed };

/// Words for typed values, by libauparse: flags, modes, capabilities, signals, errno, socket addresses … User and group
/// ids are never asked of libauparse (see UserDb), nor is anything else that would make it look at this host. Behind a
/// memo of bounded size. One thread: libauparse has global state.
class Interpreter {
 public:
  explicit Interpreter(size_t entries_max = 16384);
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  /// By name and record type; `quoted` and `value` decide for acct and in TRUSTED_APP records only. Constant time.
  [[nodiscard]] FieldKind kind(uint16_t record_type, std::string_view field, bool quoted, std::string_view value) const;

  /// The words for a typed value as printed (without quotes), or empty when libauparse gives nothing but the value
  /// itself (also "0x" + the value for a0-a3), and when the value is not what the field can hold. The view lives for
  /// the next 1,000 calls (32 when it is longer than 700 bytes): copy what must live longer.
  std::string_view words(const FieldContext& context, std::string_view field, std::string_view value);

  /// What a0-a3 of a system call hold: uid or gid (in hex: for the caller's UserDb), typed (words() may say something),
  /// or text.
  [[nodiscard]] FieldKind argument_kind(const FieldContext& context, std::string_view field) const;

  /// The same, and words(), of argument 0 to 3 of a SYSCALL record: without a look for its name.
  [[nodiscard]] FieldKind argument_kind(const FieldContext& context, unsigned argument) const;
  std::string_view argument_words(const FieldContext& context, unsigned argument, std::string_view value);

  struct Figures {
    uint64_t hits = 0;   ///< answered by the memo
    uint64_t asked = 0;  ///< questions to libauparse
    size_t entries = 0;  ///< in the memo now
    size_t bytes = 0;    ///< of the memo's entries now
  };
  [[nodiscard]] Figures figures() const;

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
