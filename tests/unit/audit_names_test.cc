#include <gtest/gtest.h>
#include <libaudit.h>

#include <random>
#include <string>

#include "processors/audit/id_names.h"
#include "processors/audit/interpret.h"

namespace acta::audit {
namespace {

constexpr uint32_t kX86 = AUDIT_ARCH_X86_64;
constexpr uint32_t kI386 = AUDIT_ARCH_I386;
constexpr uint32_t kArm64 = AUDIT_ARCH_AARCH64;

TEST(AuditNames, CallsOfTheThreeMainArchitectures) {
  EXPECT_EQ(syscall_name(kX86, 0), "read");
  EXPECT_EQ(syscall_name(kX86, 59), "execve");
  EXPECT_EQ(syscall_name(kI386, 11), "execve");
  EXPECT_EQ(syscall_name(kArm64, 221), "execve");
  EXPECT_EQ(syscall_name(kX86, 257), "openat");
  EXPECT_EQ(syscall_name(kArm64, 56), "openat");
}

TEST(AuditNames, NewerCallsHaveTheSameNumberEverywhere) {
  for (const uint32_t arch : {kX86, kI386, kArm64, 0x80000016u, 0xC0000015u, 0xC00000F3u}) {
    EXPECT_EQ(syscall_name(arch, 435), "clone3") << arch;
    EXPECT_EQ(syscall_name(arch, 437), "openat2") << arch;
    EXPECT_EQ(syscall_name(arch, 442), "mount_setattr") << arch;
    EXPECT_EQ(syscall_name(arch, 452), "fchmodat2") << arch;
    EXPECT_EQ(syscall_name(arch, 462), "mseal") << arch;
    EXPECT_EQ(syscall_name(arch, 469), "file_setattr") << arch;
    for (int number = 424; number <= 470; ++number) {
      if (number == 447) continue;  // memfd_secret is not on all
      EXPECT_NE(syscall_name(arch, number), "") << arch << " " << number;
    }
  }
}

TEST(AuditNames, EveryCallThatLibauditKnows) {
  for (const uint32_t arch : {kX86, kI386, kArm64}) {
    const int machine = audit_elf_to_machine(arch);
    int known = 0;
    for (int number = 0; number < 1024; ++number) {
      const char* name = audit_syscall_to_name(number, machine);
      if (name == nullptr) continue;
      ++known;
      EXPECT_EQ(syscall_name(arch, number), name);
    }
    EXPECT_GT(known, 300);
  }
}

TEST(AuditNames, X32CallsAreNamedToo) {
  EXPECT_EQ(syscall_name(kX86, 0x40000000 + 1), "write");
  EXPECT_EQ(syscall_name(kX86, 0x40000000 + 512), "rt_sigaction");
  EXPECT_EQ(syscall_name(kX86, 0x40000000 + 520), "execve");
  EXPECT_EQ(syscall_name(kX86, 0x40000000 + 547), "pwritev2");
  EXPECT_EQ(syscall_name(kX86, 0x40000000 + 548), "");
  EXPECT_EQ(syscall_name(kX86, 512), "") << "without the bit";
}

TEST(AuditNames, UnknownIsEmpty) {
  EXPECT_EQ(syscall_name(kX86, -1), "");
  EXPECT_EQ(syscall_name(kX86, INT32_MIN), "");
  EXPECT_EQ(syscall_name(kX86, INT32_MAX), "");
  EXPECT_EQ(syscall_name(kX86, 1023), "");
  EXPECT_EQ(syscall_name(0, 59), "");
  EXPECT_EQ(syscall_name(0xFFFFFFFF, 59), "");
  EXPECT_EQ(arch_name(0), "");
  EXPECT_EQ(errno_name(0), "");
  EXPECT_EQ(errno_name(-13), "");
  EXPECT_EQ(errno_name(4096), "");
}

TEST(AuditNames, ArchitecturesAndErrors) {
  EXPECT_EQ(arch_name(kX86), "x86_64");
  EXPECT_EQ(arch_name(kI386), "i386");
  EXPECT_EQ(arch_name(kArm64), "aarch64");
  EXPECT_EQ(arch_name(0xC00000F3), "riscv64");
  EXPECT_EQ(errno_name(1), "EPERM");
  EXPECT_EQ(errno_name(13), "EACCES");
  EXPECT_EQ(errno_name(115), "EINPROGRESS");
  EXPECT_EQ(errno_name(512), "ERESTARTSYS");
}

// Read eight digits at a time; what lies behind the text must not count.
TEST(AuditIds, AreDecimalAndNothingElse) {
  std::mt19937 random(20261126);
  for (int round = 0; round < 20000; ++round) {
    const auto id = static_cast<uint32_t>(random() >> (random() % 32));
    const std::string digits = std::to_string(id);
    const std::string behind = digits + "7 x99";
    ASSERT_EQ(id_number(std::string_view(behind).substr(0, digits.size())), id == UINT32_MAX ? -1 : int64_t{id}) << id;
    std::string broken = digits;
    broken[random() % broken.size()] = "/:a \x80\xB5"[random() % 6];
    ASSERT_EQ(id_number(broken), -1) << broken;
  }
  for (const char* none : {"", "-1", "unset", "4294967295", "4294967296", "99999999999", "007", "+5", "1.5"}) {
    EXPECT_EQ(id_number(none), -1) << none;
  }
  EXPECT_EQ(id_number("0"), 0);
  EXPECT_EQ(id_number("4294967294"), 4294967294);
}

}  // namespace
}  // namespace acta::audit
