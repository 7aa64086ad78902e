#include "processors/audit/interpret.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <libaudit.h>
#include <netdb.h>
#include <pwd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "processors/audit/libauparse.h"

// In place of the C library's, for this program and libauparse: nobody may look users, groups or protocols up here.
namespace {
int lookups_on_this_host = 0;
}
extern "C" struct passwd* getpwuid(uid_t /*id*/) {
  ++lookups_on_this_host;
  return nullptr;
}
extern "C" struct group* getgrgid(gid_t /*id*/) {
  ++lookups_on_this_host;
  return nullptr;
}
extern "C" struct protoent* getprotobynumber(int /*number*/) {
  ++lookups_on_this_host;
  return nullptr;
}

namespace acta::audit {
namespace {

FieldContext record(uint16_t type) {
  return {.record_type = type};
}

FieldContext call(int32_t number, uint64_t a0 = 0, uint64_t a1 = 0) {
  return {.record_type = AUDIT_SYSCALL, .arch = AUDIT_ARCH_X86_64, .syscall = number, .a0 = a0, .a1 = a1};
}

TEST(Interpret, KindsByNameAndRecord) {
  const Interpreter interpreter;
  const auto kind = [&](uint16_t type, std::string_view field, std::string_view value = "", bool quoted = false) {
    return interpreter.kind(type, field, quoted, value);
  };
  EXPECT_EQ(kind(AUDIT_SYSCALL, "auid"), FieldKind::uid);
  EXPECT_EQ(kind(AUDIT_SYSCALL, "egid"), FieldKind::gid);
  EXPECT_EQ(kind(AUDIT_SYSCALL, "comm"), FieldKind::escaped);
  EXPECT_EQ(kind(AUDIT_SYSCALL, "key"), FieldKind::escaped);
  EXPECT_EQ(kind(AUDIT_SYSCALL, "a0"), FieldKind::typed);
  EXPECT_EQ(kind(AUDIT_SYSCALL, "pid"), FieldKind::text);
  EXPECT_EQ(kind(AUDIT_SYSCALL, "tty"), FieldKind::text);
  EXPECT_EQ(kind(AUDIT_SYSCALL, "subj"), FieldKind::text);
  EXPECT_EQ(kind(AUDIT_SYSCALL, ""), FieldKind::text);
  EXPECT_EQ(kind(AUDIT_SYSCALL, std::string(1000, 'a')), FieldKind::text);
  EXPECT_EQ(kind(AUDIT_PROCTITLE, "proctitle"), FieldKind::escaped);
  EXPECT_EQ(kind(AUDIT_TTY, "data"), FieldKind::typed);
}

TEST(Interpret, KindsThatDependOnTheRecord) {
  const Interpreter interpreter;
  const auto kind = [&](uint16_t type, std::string_view field, std::string_view value = "", bool quoted = false) {
    return interpreter.kind(type, field, quoted, value);
  };
  EXPECT_EQ(kind(AUDIT_EXECVE, "a0"), FieldKind::escaped);
  EXPECT_EQ(kind(AUDIT_EXECVE, "a12[3]"), FieldKind::escaped);
  EXPECT_EQ(kind(AUDIT_EXECVE, "a12_len"), FieldKind::text);
  EXPECT_EQ(kind(AUDIT_EXECVE, "argc"), FieldKind::text);
  EXPECT_EQ(kind(AUDIT_SOCKADDR, "saddr"), FieldKind::typed);
  EXPECT_EQ(kind(AUDIT_AVC, "saddr"), FieldKind::text);
  EXPECT_EQ(kind(AUDIT_NETFILTER_PKT, "saddr"), FieldKind::text);
  EXPECT_EQ(kind(AUDIT_USER_TTY, "msg"), FieldKind::escaped);
  EXPECT_EQ(kind(AUDIT_CRYPTO_KEY_USER, "fp", "SHA256:aa"), FieldKind::text);
  EXPECT_EQ(kind(AUDIT_BPRM_FCAPS, "fp", "0"), FieldKind::typed);
  EXPECT_EQ(kind(AUDIT_ADD_GROUP, "id", "5"), FieldKind::gid);
  EXPECT_EQ(kind(AUDIT_ADD_USER, "id", "5"), FieldKind::uid);
  EXPECT_EQ(kind(AUDIT_KERN_MODULE, "name"), FieldKind::escaped);
  EXPECT_EQ(kind(AUDIT_USER_LOGIN, "acct", "root", true), FieldKind::escaped);
  EXPECT_EQ(kind(AUDIT_USER_LOGIN, "acct", "root"), FieldKind::text);
  EXPECT_EQ(kind(AUDIT_USER_LOGIN, "acct", "28756E6B6E6F776E29"), FieldKind::escaped);
  EXPECT_EQ(kind(AUDIT_TRUSTED_APP, "anything", "12345"), FieldKind::text);
  EXPECT_EQ(kind(AUDIT_TRUSTED_APP, "anything", "6162AB"), FieldKind::escaped);
  EXPECT_EQ(kind(AUDIT_TRUSTED_APP, "anything", "x y", true), FieldKind::escaped);
  EXPECT_EQ(kind(AUDIT_TRUSTED_APP, "uid", "12x"), FieldKind::text);
}

TEST(Interpret, WordsOfFields) {
  Interpreter interpreter;
  const auto words = [&](uint16_t type, std::string_view field, std::string_view value) {
    return std::string(interpreter.words(record(type), field, value));
  };
  EXPECT_EQ(words(AUDIT_PATH, "mode", "0100644"), "file,644");
  EXPECT_EQ(words(AUDIT_PATH, "mode", "041777"), "dir,sticky,777");
  EXPECT_EQ(words(AUDIT_MQ_OPEN, "mode", "0600"), "") << "the same as printed";
  EXPECT_EQ(words(AUDIT_MQ_OPEN, "mode", "04755"), "suid,0755");
  EXPECT_EQ(words(AUDIT_SYSCALL, "exit", "-13"), "EACCES(Permission denied)");
  EXPECT_EQ(words(AUDIT_SYSCALL, "exit", "-512"), "ERESTARTSYS");
  EXPECT_EQ(words(AUDIT_SYSCALL, "exit", "12345"), "");
  EXPECT_EQ(words(AUDIT_SYSCALL, "exit", "-4096"), "");
  EXPECT_EQ(words(AUDIT_SYSCALL, "arch", "c000003e"), "x86_64");
  EXPECT_EQ(words(AUDIT_SYSCALL, "ses", "4294967295"), "unset");
  EXPECT_EQ(words(AUDIT_SYSCALL, "ses", "3"), "");
  EXPECT_EQ(words(AUDIT_ANOM_ABEND, "sig", "11"), "SIGSEGV");
  EXPECT_EQ(words(AUDIT_CONFIG_CHANGE, "list", "4"), "exit");
  EXPECT_EQ(words(AUDIT_CONFIG_CHANGE, "res", "1"), "yes");
  EXPECT_EQ(words(AUDIT_CONFIG_CHANGE, "res", "success"), "");
  EXPECT_EQ(words(AUDIT_CAPSET, "cap_pe", "0"), "none");
  EXPECT_EQ(words(AUDIT_CAPSET, "cap_pe", "0000000000000003"), "chown,dac_override");
  EXPECT_EQ(words(AUDIT_SECCOMP, "code", "0x0"), "kill");
  EXPECT_EQ(words(AUDIT_TTY, "data", "6C730D"), "\"ls\",<ret>");
  EXPECT_EQ(words(1336, "uring_op", "18"), "openat");
  EXPECT_EQ(words(AUDIT_SYSCALL, "uid", "0"), "") << "ids are not its affair";
  EXPECT_EQ(words(AUDIT_SYSCALL, "comm", "6C73"), "") << "nor is decoding";
}

TEST(Interpret, WordsOfArguments) {
  Interpreter interpreter;
  const auto words = [&](const FieldContext& context, std::string_view field, std::string_view value) {
    return std::string(interpreter.words(context, field, value));
  };
  EXPECT_EQ(words(call(257), "a0", "ffffff9c"), "AT_FDCWD");
  EXPECT_EQ(words(call(257), "a0", "3"), "");
  EXPECT_EQ(words(call(257), "a2", "80000"), "O_RDONLY|O_CLOEXEC");
  EXPECT_EQ(words(call(257), "a1", "7ffe1234"), "");
  EXPECT_EQ(words(call(2, 0, 0x41), "a2", "1b6"), "0666");
  EXPECT_EQ(words(call(2, 0, 0), "a2", "1b6"), "") << "a mode counts when the file is created";
  EXPECT_EQ(words(call(62), "a1", "9"), "SIGKILL");
  EXPECT_EQ(words(call(157, 24), "a1", "15"), "sys_admin");
  EXPECT_EQ(words(call(157, 4), "a1", "15"), "");
  EXPECT_EQ(words(call(56), "a0", "10000011"), "CLONE_NEWUSER|SIGCHLD");
  EXPECT_EQ(words(call(41), "a0", "2"), "inet");
  EXPECT_EQ(words(call(41), "a2", "6"), "tcp");
  EXPECT_EQ(words(call(54, 3, 1), "a1", "1"), "SOL_SOCKET");
  EXPECT_EQ(words(call(452), "a2", "1ed"), "0755") << "fchmodat2, newer than the library";
  EXPECT_EQ(words(call(105), "a0", "0"), "") << "setuid: an id";
  EXPECT_EQ(words(call(-1), "a0", "2"), "");
  EXPECT_EQ(words(call(100000), "a0", "2"), "");
  FieldContext elsewhere = call(257);
  elsewhere.record_type = AUDIT_SOCKETCALL;
  EXPECT_EQ(words(elsewhere, "a2", "80000"), "") << "a2 of another record is another thing";
}

TEST(Interpret, ArgumentKinds) {
  const Interpreter interpreter;
  EXPECT_EQ(interpreter.argument_kind(call(105), "a0"), FieldKind::uid);
  EXPECT_EQ(interpreter.argument_kind(call(92), "a1"), FieldKind::uid);
  EXPECT_EQ(interpreter.argument_kind(call(92), "a2"), FieldKind::gid);
  EXPECT_EQ(interpreter.argument_kind(call(257), "a2"), FieldKind::typed);
  EXPECT_EQ(interpreter.argument_kind(call(257), "a1"), FieldKind::text);
  EXPECT_EQ(interpreter.argument_kind(call(257), "pid"), FieldKind::text);
}

TEST(Interpret, WordsOfAddresses) {
  Interpreter interpreter;
  const auto words = [&](std::string_view value) {
    return std::string(interpreter.words(record(AUDIT_SOCKADDR), "saddr", value));
  };
  EXPECT_EQ(words("02000050C00002010000000000000000"), "{ saddr_fam=inet laddr=192.0.2.1 lport=80 }");
  EXPECT_EQ(words("0A00003500000000000000000000000000000000000000010000000000"),
            "{ saddr_fam=inet6 laddr=::1 lport=53 }");
  EXPECT_EQ(words("0A000035000000000000000000000000000000000000000107000000"),
            "{ saddr_fam=inet6 laddr=::1%7 lport=53 }");
  EXPECT_EQ(words("01002F72756E2F7800"), "{ saddr_fam=local path=/run/x }");
  EXPECT_EQ(words("0100002F78"), "{ saddr_fam=local path=/x }");
  EXPECT_EQ(words("0100"), "{ saddr_fam=local sockaddr len too short }");
  EXPECT_EQ(words("100000000000000000000000"), "{ saddr_fam=netlink nlnk-fam=16 nlnk-pid=0 }");
  EXPECT_EQ(words("0200"), "{ saddr_fam=inet sockaddr len too short }");
  EXPECT_EQ(words("110003"), "{ saddr_fam=packet (unsupported) }");
}

TEST(Interpret, HostileValuesSayNothing) {
  Interpreter interpreter;
  const std::vector<std::string> hostile = {"",
                                            " ",
                                            "1 uid=0",
                                            "0\nuid=0",
                                            std::string("1\0x", 3),
                                            "\"",
                                            "'",
                                            "1'",
                                            "0 msg=audit(1.0:2): a=b",
                                            "audit(",
                                            "\x1dUID=root",
                                            "-1",
                                            "+1",
                                            "0x",
                                            "0xx1",
                                            "zz",
                                            "99999999999999999",
                                            std::string(100000, 'f'),
                                            std::string(100000, '1'),
                                            "\xff\xfe",
                                            "(null)",
                                            "%s%n"};
  for (const std::string_view field :
       {"mode",  "a0",     "a1",         "a2",       "a3",       "saddr",    "sig",  "per",
        "flags", "cap_pe", "list",       "perm",     "proto",    "family",   "code", "oflag",
        "resp",  "prom",   "capability", "ioctlcmd", "resolve",  "nl-mcgrp", "arch", "syscall",
        "hook",  "action", "macproto",   "icmptype", "uring_op", "errno",    "data"}) {
    for (const std::string& value : hostile) {
      for (const int32_t number : {2, 9, 10, 16, 41, 54, 56, 62, 157, 257}) {
        EXPECT_EQ(interpreter.words(call(number, 24, 1), field, value), "") << field << "=" << value.substr(0, 40);
      }
    }
  }
  EXPECT_EQ(interpreter.words(record(AUDIT_SYSCALL), "exit", "-99999999999999999999"), "");
  EXPECT_EQ(interpreter.words(record(AUDIT_SYSCALL), "exit", "-"), "");
  EXPECT_EQ(interpreter.words(record(AUDIT_SYSCALL), "exit", "-1 uid=0"), "");
}

TEST(Interpret, LooksNothingUpOnThisHost) {
  Interpreter interpreter;
  lookups_on_this_host = 0;
  for (const uint32_t arch : {uint32_t{AUDIT_ARCH_X86_64}, uint32_t{AUDIT_ARCH_I386}, uint32_t{AUDIT_ARCH_AARCH64}}) {
    for (int32_t number = 0; number < 475; ++number) {
      for (const uint64_t a1 : {0u, 1u, 2u, 8u, 17u}) {
        FieldContext context = call(number, 24, a1);
        context.arch = arch;
        for (const std::string_view field : {"a0", "a1", "a2", "a3"}) interpreter.words(context, field, "6");
      }
    }
  }
  for (const std::string_view field : {"uid", "auid", "gid", "egid", "proto", "id", "acct", "saddr"}) {
    interpreter.words(record(AUDIT_SYSCALL), field, "6");
    interpreter.words(record(AUDIT_ADD_GROUP), field, "6");
  }
  EXPECT_GT(interpreter.figures().asked, 100u);
  EXPECT_EQ(lookups_on_this_host, 0);
  // It would have been seen: the first argument of setuid, which the interpreter does not ask for.
  Libauparse library;
  library.argument({.arch = AUDIT_ARCH_X86_64, .syscall = 105}, 0, "6");
  EXPECT_GT(lookups_on_this_host, 0);
}

TEST(Interpret, ShortAddressesOfUncheckedFamiliesAreNotAsked) {
  Interpreter interpreter;
  for (const std::string_view value :
       {"0300", "030000", "0400", "0800", "0900AABB", "09000000000000000000000000000000000000"}) {
    EXPECT_EQ(interpreter.words(record(AUDIT_SOCKADDR), "saddr", value), "") << value;
  }
  EXPECT_EQ(interpreter.figures().asked, 0u);
}

TEST(Interpret, LibraryIsAskedOnceAndNotForNothing) {
  Interpreter interpreter;
  for (int round = 0; round < 100; ++round) {
    EXPECT_EQ(interpreter.words(record(AUDIT_PATH), "mode", "0100644"), "file,644");
    EXPECT_EQ(interpreter.words(call(257), "a1", std::to_string(round)), "");
    EXPECT_EQ(interpreter.words(call(257), "exit", std::to_string(round)), "");
    EXPECT_EQ(interpreter.words(call(0), "a2", std::to_string(round)), "");
  }
  EXPECT_EQ(interpreter.figures().asked, 1u);
  EXPECT_EQ(interpreter.figures().hits, 99u);
  EXPECT_EQ(interpreter.figures().entries, 1u);
}

TEST(Interpret, MemoStaysWithinItsBounds) {
  constexpr size_t kEntries = 4096;
  Interpreter interpreter(kEntries);
  for (uint32_t n = 0; n < 200000; ++n) {
    char address[33];
    std::snprintf(address, sizeof address, "02000050%08X0000000000000000", n);
    interpreter.words(record(AUDIT_SOCKADDR), "saddr", address);
    ASSERT_LE(interpreter.figures().entries, kEntries);
    ASSERT_LE(interpreter.figures().bytes, 2u << 20);
  }
  EXPECT_EQ(interpreter.words(record(AUDIT_SOCKADDR), "saddr", "02000050C00002010000000000000000"),
            "{ saddr_fam=inet laddr=192.0.2.1 lport=80 }");
}

TEST(Interpret, ViewsLiveForAThousandCalls) {
  Interpreter interpreter(0);
  const std::string_view kept = interpreter.words(record(AUDIT_PATH), "mode", "0100644");
  for (uint32_t n = 0; n < 999; ++n) {
    char path[300];
    std::snprintf(path, sizeof path, "0100%0230X%06X", 0x41, n);
    interpreter.words(record(AUDIT_SOCKADDR), "saddr", path);
  }
  EXPECT_EQ(kept, "file,644");
}

}  // namespace
}  // namespace acta::audit
