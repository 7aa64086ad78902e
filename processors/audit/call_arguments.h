#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace acta::audit {

/// How an argument of a system call is read.
enum class ArgumentUse : uint8_t {
  plain,             ///< a pointer, a length, a descriptor …: nothing to say but the number
  ask,               ///< libauparse has words for it
  ask_with_a0,       ///< prctl: which words depends on a0
  ask_with_a1,       ///< setsockopt, getsockopt: which words depends on a1
  ask_created,       ///< a mode that counts only when the flags in a1 create
  directory,         ///< AT_FDCWD or a descriptor
  descriptor_flags,  ///< fcntl: FD_CLOEXEC when a1 is F_SETFD
  socket_protocol,   ///< an IP protocol
  socket_level,      ///< of setsockopt
  uid,
  gid
};

/// Which question to libauparse answers for an argument: that of `syscall` (number on the same architecture) and
/// `argument` (0-3).
struct ArgumentQuestion {
  ArgumentUse use = ArgumentUse::plain;
  uint8_t argument = 0;
  int16_t syscall = -1;
};

struct ArgumentRule;

/// How the arguments of system calls are read, by architecture: a table of 32 KB for each one seen. One thread.
class CallArguments {
 public:
  /// Of argument 0-3; plain for architectures and calls without words. Constant time after the first call for an
  /// architecture.
  ArgumentQuestion question(uint32_t arch, int32_t syscall, unsigned argument);

 private:
  static constexpr int16_t kCallsMax = 1024;
  static constexpr size_t kArguments = 4;
  using Questions = std::array<std::array<ArgumentQuestion, kArguments>, kCallsMax>;
  struct Table {
    uint32_t arch = 0;
    std::unique_ptr<Questions> questions;
  };

  static int16_t number_of(uint32_t arch, std::string_view name);
  static void fill(Questions& questions, uint32_t arch, const ArgumentRule& rule);
  static std::unique_ptr<Questions> make_questions(uint32_t arch);

  std::vector<Table> tables_;  ///< at most one for each architecture that libaudit knows
};

}  // namespace acta::audit
