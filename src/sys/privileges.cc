#include "sys/privileges.h"

#include <cap-ng.h>
#include <fmt/format.h>
#include <pwd.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <type_traits>

namespace acta {
namespace {

struct Ids {
  uid_t user;
  gid_t group;
};

Result<Ids> ids_of(const std::string& user) {
  std::array<char, 16384> room{};
  passwd entry{};
  passwd* found = nullptr;
  uid_t number = 0;
  const auto read = std::from_chars(user.data(), user.data() + user.size(), number);
  const bool is_number = read.ec == std::errc() && read.ptr == user.data() + user.size();
  const int error = is_number ? ::getpwuid_r(number, &entry, room.data(), room.size(), &found)
                              : ::getpwnam_r(user.c_str(), &entry, room.data(), room.size(), &found);
  if (found != nullptr) return Ids{found->pw_uid, found->pw_gid};
  if (is_number) return Ids{number, number};
  if (error != 0) return fail_errno(fmt::format("privileges.user {}", user), error);
  return fail(Errc::config,
              fmt::format("privileges.user: there is no user '{}'; make one: useradd --system {}", user, user));
}

// The leak checker of a sanitizer traces the process at its end.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kTracesItself = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kTracesItself = true;
#else
constexpr bool kTracesItself = false;
#endif
#else
constexpr bool kTracesItself = false;
#endif

// What the agent never does, and somebody who took it over would: run programs, load code into the kernel, change the
// host or other processes, leave its namespaces. A list of what is forbidden, for a library may need any other call.
constexpr std::array kForbidden = {SCMP_SYS(execve),
                                   SCMP_SYS(execveat),
                                   SCMP_SYS(ptrace),
                                   SCMP_SYS(process_vm_readv),
                                   SCMP_SYS(process_vm_writev),
                                   SCMP_SYS(init_module),
                                   SCMP_SYS(finit_module),
                                   SCMP_SYS(delete_module),
                                   SCMP_SYS(kexec_load),
                                   SCMP_SYS(kexec_file_load),
                                   SCMP_SYS(bpf),
                                   SCMP_SYS(perf_event_open),
                                   SCMP_SYS(mount),
                                   SCMP_SYS(umount2),
                                   SCMP_SYS(move_mount),
                                   SCMP_SYS(fsopen),
                                   SCMP_SYS(pivot_root),
                                   SCMP_SYS(chroot),
                                   SCMP_SYS(setns),
                                   SCMP_SYS(unshare),
                                   SCMP_SYS(reboot),
                                   SCMP_SYS(swapon),
                                   SCMP_SYS(swapoff),
                                   SCMP_SYS(settimeofday),
                                   SCMP_SYS(clock_settime),
                                   SCMP_SYS(adjtimex),
                                   SCMP_SYS(clock_adjtime),
                                   SCMP_SYS(sethostname),
                                   SCMP_SYS(setdomainname),
                                   SCMP_SYS(ioperm),
                                   SCMP_SYS(iopl),
                                   SCMP_SYS(add_key),
                                   SCMP_SYS(request_key),
                                   SCMP_SYS(keyctl),
                                   SCMP_SYS(userfaultfd),
                                   SCMP_SYS(mknod),
                                   SCMP_SYS(mknodat),
                                   SCMP_SYS(quotactl),
                                   SCMP_SYS(syslog),
                                   SCMP_SYS(personality)};

Result<> forbid_calls() {
  struct Release {
    void operator()(void* filter) const { seccomp_release(filter); }
  };
  const std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, Release> filter(seccomp_init(SCMP_ACT_ALLOW));
  if (!filter) return fail(Errc::unsupported, "no seccomp filter can be made; set privileges.seccomp: false");
  for (const int call : kForbidden) {
    if (kTracesItself && call == SCMP_SYS(ptrace)) continue;
    const int added = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0);
    if (added != 0 && added != -EDOM) return fail_errno("seccomp filter", -added);
  }
  if (const int loaded = seccomp_load(filter.get()); loaded != 0)
    return fail_errno("the seccomp filter is refused; set privileges.seccomp: false where the kernel has none",
                      -loaded);
  return {};
}

Result<> keep_only(Capabilities needed, const std::string& user) {
  const bool may_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) == 1;
  const Capabilities kept = needed & effective_capabilities();
  capng_clear(CAPNG_SELECT_BOTH);
  for (int number = 0; number <= CAP_LAST_CAP; ++number) {
    if ((kept & capability(number)) == 0) continue;
    capng_update(CAPNG_ADD, static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED),
                 static_cast<unsigned>(number));
  }
  if (!user.empty() && ::geteuid() == 0) {
    auto ids = ids_of(user);
    if (!ids) return tl::unexpected(ids.error());
    const auto flags = static_cast<capng_flags_t>(CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
    const int changed = capng_change_id(static_cast<int>(ids->user), static_cast<int>(ids->group), flags);
    if (changed != 0) return fail(Errc::denied, fmt::format("cannot become user {} (libcap-ng {})", user, changed));
    return {};
  }
  if (capng_apply(may_bound ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) != 0)
    return fail_errno("giving up capabilities", errno);
  return {};
}

// Lets threads be raised without CAP_SYS_NICE; false where this is not allowed. RLIMIT_NICE counts from 1 (nice 19) to
// 40 (nice -20): setrlimit(2).
bool allow_boost() {
  constexpr rlim_t kLimit = 20 + kPriorityBoost;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NICE, &limit) != 0) return false;
  if (limit.rlim_cur >= kLimit) return true;
  limit = {.rlim_cur = kLimit, .rlim_max = std::max(limit.rlim_max, kLimit)};
  return ::setrlimit(RLIMIT_NICE, &limit) == 0;
}

}  // namespace

bool boost_thread() {
  return ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), -kPriorityBoost) == 0;
}

Capabilities effective_capabilities() {
  capng_get_caps_process();
  Capabilities all = 0;
  for (int number = 0; number <= CAP_LAST_CAP; ++number) {
    if (capng_have_capability(CAPNG_EFFECTIVE, static_cast<unsigned>(number)) == 1) all |= capability(number);
  }
  return all;
}

Result<> drop_privileges(const PrivilegeOptions& options) {
  const Capabilities unneeded = allow_boost() ? capability(CAP_SYS_NICE) : 0;
  capng_get_caps_process();
  if (options.drop || !options.user.empty()) {
    if (auto kept = keep_only(options.needed & ~unneeded, options.user); !kept) return kept;
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("setting no_new_privs", errno);
  return options.seccomp ? forbid_calls() : Result<>{};
}

}  // namespace acta
