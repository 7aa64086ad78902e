// Names of system calls, architectures and errors: libaudit's tables, and what is newer than they are.
#include <libaudit.h>

#include <array>
#include <vector>

#include "processors/audit/interpret.h"

namespace acta::audit {
namespace {

constexpr size_t kNumbersMax = 1024;      ///< system call numbers of one architecture that are kept in its table
constexpr uint32_t kX32Bit = 0x40000000;  ///< __X32_SYSCALL_BIT of asm/unistd.h: the x32 ABI on x86_64
constexpr int32_t kX32OwnNumbers = 512;   ///< from here to 547 x32 has numbers of its own
constexpr uint32_t kAuditArchRiscv64 = 0xC00000F3;
constexpr uint32_t kAuditArchLoongarch64 = 0xC0000102;

struct Arch {
  uint32_t value;  ///< AUDIT_ARCH_* of linux/audit.h
  std::string_view name;
  uint32_t numbers_of;  ///< the AUDIT_ARCH_* whose numbers it shares; 0: none that we know
};

// Architectures that libaudit does not know use the generic numbers of asm-generic/unistd.h, as aarch64 does.
constexpr Arch kArchs[] = {
    {AUDIT_ARCH_X86_64, "x86_64", AUDIT_ARCH_X86_64},
    {AUDIT_ARCH_I386, "i386", AUDIT_ARCH_I386},
    {AUDIT_ARCH_AARCH64, "aarch64", AUDIT_ARCH_AARCH64},
    {0x40000028, "arm", 0x40000028},
    {0x28, "armeb", 0x28},
    {0x80000015, "ppc64", 0x80000015},
    {0xC0000015, "ppc64le", 0xC0000015},
    {0x14, "ppc", 0x14},
    {0x80000016, "s390x", 0x80000016},
    {0x16, "s390", 0x16},
    {kAuditArchRiscv64, "riscv64", AUDIT_ARCH_AARCH64},
    {kAuditArchLoongarch64, "loongarch64", AUDIT_ARCH_AARCH64},
    {0x400000F3, "riscv32", 0},
    {0x80000008, "mips64", 0},
    {0xC0000008, "mipsel64", 0},
    {0x40000008, "mipsel", 0},
    {0x08, "mips", 0},
    {0x80000002, "sparc", 0},
    {0x8000002B, "sparc64", 0},
    {0xC0009026, "alpha", 0},
    {0xC0000032, "ia64", 0},
    {0x0F, "parisc", 0},
    {0x8000000F, "parisc64", 0},
};

struct Call {
  int32_t number;
  std::string_view name;
};

// Numbers newer than libaudit 3.0.9, the same on every architecture (scripts/syscall.tbl of Linux 6.19).
constexpr Call kNewerCalls[] = {
    {451, "cachestat"},         {452, "fchmodat2"},         {453, "map_shadow_stack"}, {454, "futex_wake"},
    {455, "futex_wait"},        {456, "futex_requeue"},     {457, "statmount"},        {458, "listmount"},
    {459, "lsm_get_self_attr"}, {460, "lsm_set_self_attr"}, {461, "lsm_list_modules"}, {462, "mseal"},
    {463, "setxattrat"},        {464, "getxattrat"},        {465, "listxattrat"},      {466, "removexattrat"},
    {467, "open_tree_attr"},    {468, "file_getattr"},      {469, "file_setattr"},     {470, "listns"},
};

// x32 has its own numbers for calls whose arguments hold pointers (arch/x86/entry/syscalls/syscall_64.tbl).
constexpr std::string_view kX32Calls[] = {
    "rt_sigaction",
    "rt_sigreturn",
    "ioctl",
    "readv",
    "writev",
    "recvfrom",
    "sendmsg",
    "recvmsg",
    "execve",
    "ptrace",
    "rt_sigpending",
    "rt_sigtimedwait",
    "rt_sigqueueinfo",
    "sigaltstack",
    "timer_create",
    "mq_notify",
    "kexec_load",
    "waitid",
    "set_robust_list",
    "get_robust_list",
    "vmsplice",
    "move_pages",
    "preadv",
    "pwritev",
    "rt_tgsigqueueinfo",
    "recvmmsg",
    "sendmmsg",
    "process_vm_readv",
    "process_vm_writev",
    "setsockopt",
    "getsockopt",
    "io_setup",
    "io_submit",
    "execveat",
    "preadv2",
    "pwritev2",
};

// What a system call that is restarted returns (linux/errno.h); a process never sees them, the audit record does.
constexpr Call kKernelErrors[] = {
    {512, "ERESTARTSYS"},
    {513, "ERESTARTNOINTR"},
    {514, "ERESTARTNOHAND"},
    {515, "ENOIOCTLCMD"},
    {516, "ERESTART_RESTARTBLOCK"},
    {517, "EPROBE_DEFER"},
    {518, "EOPENSTALE"},
    {519, "ENOPARAM"},
    {521, "EBADHANDLE"},
    {522, "ENOTSYNC"},
    {523, "EBADCOOKIE"},
    {524, "ENOTSUPP"},
    {525, "ETOOSMALL"},
    {526, "ESERVERFAULT"},
    {527, "EBADTYPE"},
    {528, "EJUKEBOX"},
    {529, "EIOCBQUEUED"},
    {530, "ERECALLCONFLICT"},
};

std::string_view view(const char* text) {
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

using Names = std::array<std::string_view, kNumbersMax>;

Names names_of(uint32_t arch) {
  Names names{};
  const int machine = audit_elf_to_machine(arch);
  for (size_t number = 0; machine >= 0 && number < kNumbersMax; ++number) {
    names[number] = view(audit_syscall_to_name(static_cast<int>(number), machine));
  }
  for (const Call& call : kNewerCalls) {
    auto& name = names[static_cast<size_t>(call.number)];
    if (name.empty()) name = call.name;
  }
  return names;
}

struct Table {
  const Arch* arch = nullptr;
  Names names{};
};

/// One table per architecture of kArchs, in its order. Made once, about 380 KB.
const std::vector<Table>& tables() {
  static const std::vector<Table> kTables = [] {
    std::vector<Table> all;
    for (const Arch& arch : kArchs) {
      if (arch.numbers_of != 0) all.push_back({&arch, names_of(arch.numbers_of)});
    }
    return all;
  }();
  return kTables;
}

std::string_view x32_name(int32_t number, const Names& names) {
  if (number < kX32OwnNumbers) return names[static_cast<size_t>(number)];
  const auto own = static_cast<size_t>(number - kX32OwnNumbers);
  return own < std::size(kX32Calls) ? kX32Calls[own] : std::string_view{};
}

}  // namespace

std::string_view syscall_name(uint32_t arch, int32_t number) {
  if (number < 0) return {};
  for (const Table& table : tables()) {
    if (table.arch->value != arch) continue;
    if (static_cast<size_t>(number) < kNumbersMax) return table.names[static_cast<size_t>(number)];
    if (arch == AUDIT_ARCH_X86_64 && (static_cast<uint32_t>(number) & kX32Bit) != 0) {
      return x32_name(number & ~static_cast<int32_t>(kX32Bit), table.names);
    }
    const int machine = audit_elf_to_machine(table.arch->numbers_of);  // arm has calls of its own far above
    return view(audit_syscall_to_name(number, machine));
  }
  return {};
}

std::string_view arch_name(uint32_t arch) {
  for (const Arch& one : kArchs) {
    if (one.value == arch) return one.name;
  }
  return {};
}

std::string_view errno_name(int number) {
  const std::string_view name = view(number > 0 ? audit_errno_to_name(number) : nullptr);
  if (!name.empty()) return name;
  for (const Call& error : kKernelErrors) {
    if (error.number == number) return error.name;
  }
  return {};
}

}  // namespace acta::audit
