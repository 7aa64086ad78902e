#include "processors/audit/call_arguments.h"

#include <libaudit.h>

#include "processors/audit/interpret.h"

namespace acta::audit {

using enum ArgumentUse;

/// What libauparse 3.0.9 says of arguments (print_a0 … print_a3 of auparse/interpret.c), and calls that are like those
/// it knows: `like` and `like_argument` then say which of its questions is asked.
struct ArgumentRule {
  std::string_view call;  ///< "openat*": every call whose name begins so
  uint8_t argument;
  ArgumentUse use;
  std::string_view like{};
  uint8_t like_argument = 0;
};

namespace {

constexpr ArgumentRule kRules[] = {
    {"rt_sigaction", 0, ask},
    {"clock_settime", 0, ask},
    {"personality", 0, ask},
    {"ptrace", 0, ask},
    {"prctl", 0, ask},
    {"unshare", 0, ask},
    {"setrlimit", 0, ask},
    {"getrlimit", 0, ask},
    {"socket", 0, ask},
    {"socketcall", 0, ask},
    {"exit*", 0, ask},
    {"bpf", 0, ask},
    // libauparse reads the flags of clone from a2, where no architecture has them.
    {"clone", 0, ask, "unshare", 0},
    {"renameat*", 0, directory},
    {"readlinkat", 0, directory},
    {"mkdirat", 0, directory},
    {"mknodat", 0, directory},
    {"fchownat", 0, directory},
    {"futimesat", 0, directory},
    {"fchmodat*", 0, directory},
    {"faccessat*", 0, directory},
    {"futimensat", 0, directory},
    {"unlinkat", 0, directory},
    {"utimensat", 0, directory},
    {"linkat", 0, directory},
    {"newfstatat", 0, directory},
    {"openat*", 0, directory},
    {"name_to_handle_at", 0, directory},
    {"execveat", 0, directory},
    {"statx", 0, directory},
    {"symlinkat", 1, directory},
    {"setuid*", 0, uid},
    {"setreuid*", 0, uid},
    {"setresuid*", 0, uid},
    {"setfsuid*", 0, uid},
    {"setgid*", 0, gid},
    {"setregid*", 0, gid},
    {"setresgid*", 0, gid},
    {"setfsgid*", 0, gid},

    {"fchmod", 1, ask},
    {"fcntl*", 1, ask},
    {"chmod", 1, ask},
    {"creat", 1, ask},
    {"setsockopt", 1, socket_level},
    {"getsockopt", 1, socket_level},
    {"socket", 1, ask},
    {"setns", 1, ask},
    {"sched_setscheduler", 1, ask},
    {"mkdir", 1, ask},
    {"mknod", 1, ask},
    {"mq_open", 1, ask},
    {"open", 1, ask},
    {"access", 1, ask},
    {"epoll_ctl", 1, ask},
    {"kill", 1, ask},
    {"prctl", 1, ask_with_a0},
    {"tkill", 1, ask},
    {"umount2", 1, ask},
    {"ioctl", 1, ask},
    {"chown", 1, uid},
    {"chown32", 1, uid},
    {"lchown*", 1, uid},
    {"fchown", 1, uid},
    {"fchown32", 1, uid},
    {"setreuid*", 1, uid},
    {"setresuid*", 1, uid},
    {"setregid*", 1, gid},
    {"setresgid*", 1, gid},

    {"fcntl*", 2, descriptor_flags},
    {"setsockopt", 2, ask_with_a1},
    {"getsockopt", 2, ask_with_a1},
    {"openat", 2, ask},
    {"open", 2, ask_created},
    {"open_by_handle_at", 2, ask},
    {"fchmodat", 2, ask},
    {"fchmodat2", 2, ask, "fchmodat", 2},
    {"faccessat*", 2, ask},
    {"socket", 2, socket_protocol},
    {"sendmsg", 2, ask},
    {"shmget", 2, ask},
    {"mmap", 2, ask},
    {"mkdirat", 2, ask},
    {"mknodat", 2, ask},
    {"mprotect", 2, ask},
    {"mq_open", 2, ask_created},
    {"recvmsg", 2, ask},
    {"readlinkat", 2, directory},
    {"renameat*", 2, directory},
    {"linkat", 2, directory},
    {"lseek", 2, ask},
    {"tgkill", 2, ask},
    {"chown", 2, gid},
    {"chown32", 2, gid},
    {"lchown*", 2, gid},
    {"fchown", 2, gid},
    {"fchown32", 2, gid},
    {"fchownat", 2, uid},
    {"setresuid*", 2, uid},
    {"setresgid*", 2, gid},

    {"mmap", 3, ask},
    {"mount", 3, ask},
    {"recv", 3, ask},
    {"recvfrom", 3, ask},
    {"recvmmsg", 3, ask},
    {"send", 3, ask},
    {"sendto", 3, ask},
    {"sendmmsg", 3, ask},
    {"fchownat", 3, gid},
};

bool matches(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return name == pattern;
  pattern.remove_suffix(1);
  return name.starts_with(pattern);
}

/// s390 alone takes the stack of clone first (CONFIG_CLONE_BACKWARDS2 of the kernel).
bool is_s390(uint32_t arch) {
  return (arch & 0xFFFF) == 0x16;
}

}  // namespace

int16_t CallArguments::number_of(uint32_t arch, std::string_view name) {
  for (int16_t number = 0; number < kCallsMax; ++number) {
    if (syscall_name(arch, number) == name) return number;
  }
  return -1;
}

void CallArguments::fill(Questions& questions, uint32_t arch, const ArgumentRule& rule) {
  const int16_t like = rule.like.empty() ? int16_t{-1} : number_of(arch, rule.like);
  for (int16_t number = 0; number < kCallsMax; ++number) {
    const std::string_view name = syscall_name(arch, number);
    if (name.empty() || !matches(rule.call, name)) continue;
    ArgumentQuestion& question = questions[static_cast<size_t>(number)][rule.argument];
    question.use = rule.use;
    question.syscall = rule.like.empty() ? number : like;
    question.argument = rule.like.empty() ? rule.argument : rule.like_argument;
  }
}

std::unique_ptr<CallArguments::Questions> CallArguments::make_questions(uint32_t arch) {
  auto questions = std::make_unique<Questions>();
  for (const ArgumentRule& rule : kRules) {
    ArgumentRule here = rule;
    if (rule.call == "clone" && is_s390(arch)) here.argument = 1;
    fill(*questions, arch, here);
  }
  return questions;
}

ArgumentQuestion CallArguments::question(uint32_t arch, int32_t syscall, unsigned argument) {
  if (syscall < 0 || syscall >= kCallsMax || argument >= kArguments) return {};
  for (const Table& table : tables_) {
    if (table.arch == arch) return (*table.questions)[static_cast<size_t>(syscall)][argument];
  }
  if (audit_elf_to_machine(arch) < 0) return {};
  tables_.push_back({arch, make_questions(arch)});
  return (*tables_.back().questions)[static_cast<size_t>(syscall)][argument];
}

}  // namespace acta::audit
