#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"

namespace acta {

/// A set of capabilities(7): bit n is the capability with number n of linux/capability.h.
using Capabilities = uint64_t;
constexpr Capabilities capability(int number) {
  return Capabilities{1} << number;
}

struct PrivilegeOptions {
  std::string user;         ///< name or number to run as; empty: as it was started
  Capabilities needed = 0;  ///< kept, as far as the process has them
  bool drop = true;         ///< all others go, from the bounding set too where that may be changed
  bool seccomp = true;      ///< system calls that the agent never makes are refused with EPERM
};

/// Gives up what the process does not need, for good (no_new_privs), before it starts threads or reads a record. Called
/// once by the main thread. Fails when something could not be given up: then it must not run. What is needed and not
/// there is no failure: the input that asks for it will say so.
Result<> drop_privileges(const PrivilegeOptions& options);

/// How much a thread that must not be late is raised, in steps of nice(2); auditd raises all of itself by 4.
inline constexpr int kPriorityBoost = 10;

/// Raises the calling thread by kPriorityBoost: by a limit that drop_privileges() has set or found (RLIMIT_NICE), else
/// by CAP_SYS_NICE. False where neither is there; nothing has changed then.
bool boost_thread();

/// The capabilities that this process can use now.
Capabilities effective_capabilities();

}  // namespace acta
