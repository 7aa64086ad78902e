#include "processors/audit/normalize_table.h"

#include <gtest/gtest.h>
#include <libaudit.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "processors/audit/interpret.h"
#include "support/shared.h"

namespace acta::audit {
namespace {

using Words = std::set<std::string, std::less<>>;

/// The categories of ECS and their expected types, written once more here: a slip in the generator's own copy would be
/// found.
const std::map<std::string, Words, std::less<>>& ecs_types() {
  static const std::map<std::string, Words, std::less<>> kTypes = {
      {"authentication", {"start", "end", "info"}},
      {"configuration", {"access", "change", "creation", "deletion", "info"}},
      {"driver", {"change", "end", "info", "start"}},
      {"file", {"access", "change", "creation", "deletion", "info"}},
      {"host", {"access", "change", "end", "info", "start"}},
      {"iam", {"admin", "change", "creation", "deletion", "group", "info", "user"}},
      {"intrusion_detection", {"allowed", "denied", "info"}},
      {"network", {"access", "allowed", "connection", "denied", "end", "info", "protocol", "start"}},
      {"package", {"access", "change", "deletion", "info", "installation", "start"}},
      {"process", {"access", "change", "end", "info", "start"}},
      {"session", {"start", "end", "info"}},
  };
  return kTypes;
}

void check_meaning(std::string_view name, std::span<const std::string_view> category,
                   std::span<const std::string_view> type) {
  std::set<std::string_view> allowed;
  for (const std::string_view one : category) {
    const auto row = ecs_types().find(one);
    ASSERT_NE(row, ecs_types().end()) << name << ": " << one;
    EXPECT_TRUE(std::any_of(type.begin(), type.end(), [&](std::string_view t) { return row->second.contains(t); }))
        << name << ": " << one;
    allowed.insert(row->second.begin(), row->second.end());
  }
  for (const std::string_view one : type) EXPECT_TRUE(allowed.contains(one)) << name << ": " << one;
}

void check_row(const Rule& rule) {
  check_meaning(rule.name, rule.category, rule.type);
  for (const Refinement& one : rule.refinements) {
    check_meaning(rule.name, one.category, one.type);
    EXPECT_FALSE(one.value.empty());
    EXPECT_FALSE(one.action.empty());
  }
  EXPECT_EQ(rule.by.empty(), rule.refinements.empty()) << rule.name;
  EXPECT_FALSE(rule.actor_primary.empty()) << rule.name;
  EXPECT_FALSE(rule.how.empty()) << rule.name;
  EXPECT_TRUE(rule.direction.empty() || rule.direction == "ingress" || rule.direction == "egress") << rule.name;
  EXPECT_TRUE(rule.action.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos)
      << rule.name;
}

TEST(NormalizeTable, EveryRowIsValidEcs) {
  for (const Rule& rule : syscall_rules()) check_row(rule);
  for (const Rule& rule : type_rules()) check_row(rule);
  EXPECT_GE(syscall_rules().size(), 240u);
  EXPECT_GE(type_rules().size(), 199u);
}

TEST(NormalizeTable, KeysAreUniqueAndFound) {
  std::set<std::string_view> seen;
  for (const Rule& rule : syscall_rules()) {
    EXPECT_TRUE(seen.insert(rule.name).second) << rule.name;
    EXPECT_EQ(rule_for_syscall(rule.name), &rule) << rule.name;
  }
  seen.clear();
  for (const Rule& rule : type_rules()) EXPECT_TRUE(seen.insert(rule.name).second) << rule.name;
}

TEST(NormalizeTable, EveryTypeThatLibauditKnowsHasARow) {
  int known = 0;
  for (int type = 1000; type < 3000; ++type) {
    const char* name = audit_msg_type_to_name(type);
    const Rule* rule = rule_for_type(static_cast<uint16_t>(type));
    if (name == nullptr) continue;
    ++known;
    ASSERT_NE(rule, nullptr) << name;
    EXPECT_EQ(rule->name, name);
  }
  EXPECT_GE(known, 195);
  EXPECT_EQ(rule_for_type(1423)->name, "LANDLOCK_ACCESS");
  EXPECT_EQ(rule_for_type(1426)->name, "MAC_OBJ_CONTEXTS");
}

TEST(NormalizeTable, NumbersWithoutRowsHaveNone) {
  for (const int type : {0, 1, 999, 1000, 1301, 1499, 1600, 2099, 2508, 2600, 9999, 65535}) {
    EXPECT_EQ(rule_for_type(static_cast<uint16_t>(type)), nullptr) << type;
  }
}

TEST(NormalizeTable, UnknownCallsTakeTheRowOfStar) {
  for (const std::string_view name : {"", "*", "getpid", "no_such_call", "execvf", "EXECVE"}) {
    const Rule* rule = rule_for_syscall(name);
    ASSERT_NE(rule, nullptr);
    EXPECT_EQ(rule->name, "*") << name;
    EXPECT_EQ(rule->action, "");
    EXPECT_EQ(rule->category[0], "process");
    EXPECT_EQ(rule->type[0], "info");
  }
}

TEST(NormalizeTable, CallsByNumberAreThoseByName) {
  for (const uint32_t arch : {static_cast<uint32_t>(AUDIT_ARCH_X86_64), static_cast<uint32_t>(AUDIT_ARCH_I386),
                              static_cast<uint32_t>(AUDIT_ARCH_AARCH64), 0x80000016u, 0xDEADBEEFu}) {
    for (int number = -2; number < 1100; ++number) {
      EXPECT_EQ(rule_for_syscall(arch, number), rule_for_syscall(syscall_name(arch, number))) << arch << " " << number;
    }
  }
  EXPECT_EQ(rule_for_syscall(AUDIT_ARCH_X86_64, 59)->action, "executed");
  EXPECT_EQ(rule_for_syscall(AUDIT_ARCH_I386, 11)->action, "executed");
  EXPECT_EQ(rule_for_syscall(AUDIT_ARCH_AARCH64, 221)->action, "executed");
  EXPECT_EQ(rule_for_syscall(AUDIT_ARCH_X86_64, 0x40000000 + 520)->action, "executed") << "x32";
  EXPECT_EQ(rule_for_syscall(AUDIT_ARCH_X86_64, INT32_MAX)->name, "*");
}

TEST(NormalizeTable, VocabularyOfTheCallsThatRulesTest) {
  const std::map<std::string_view, std::string_view> expected = {
      {"execve", "executed"},
      {"exit_group", "end"},
      {"kill", "killed-pid"},
      {"setresuid", "changed-identity-of"},
      {"brk", "allocated-memory"},
      {"openat2", "opened-file"},
      {"creat", "opened-file"},
      {"write", "wrote-to-file"},
      {"fchmodat2", "changed-file-permissions-of"},
      {"lchown", "changed-file-ownership-of"},
      {"renameat2", "renamed"},
      {"unlinkat", "deleted"},
      {"mkdir", "created-directory"},
      {"mknod", "make-device"},
      {"linkat", "linked"},
      {"symlink", "symlinked"},
      {"umount2", "unmounted"},
      {"faccessat2", "checked-metadata-of"},
      {"fstatfs", "checked-filesystem-metadata-of"},
      {"utimensat", "changed-timestamp-of"},
      {"finit_module", "loaded-kernel-module"},
      {"delete_module", "unloaded-kernel-module"},
      {"connect", "connected-to"},
      {"accept4", "accepted-connection-from"},
      {"bind", "bound-socket"},
      {"listen", "listen-for-connections"},
      {"recvmmsg", "received-from"},
      {"sendto", "sent-to"},
      {"adjtimex", "changed-system-time"},
      {"sethostname", "changed-system-name"},
      {"sched_setattr", "adjusted-scheduling-policy-of"},
      {"removexattr", "changed-file-attributes-of"},
      {"move_mount", "mounted"},
  };
  for (const auto& [call, action] : expected) EXPECT_EQ(rule_for_syscall(call)->action, action) << call;
}

TEST(NormalizeTable, CallsThatHaveNoActionElsewhereHaveOneHere) {
  for (const std::string_view call : {"ptrace",
                                      "bpf",
                                      "openat2",
                                      "io_uring_enter",
                                      "io_uring_setup",
                                      "io_uring_register",
                                      "setns",
                                      "unshare",
                                      "memfd_create",
                                      "clone",
                                      "clone3",
                                      "fork",
                                      "vfork",
                                      "chroot",
                                      "pivot_root",
                                      "mount_setattr",
                                      "move_mount",
                                      "fsmount",
                                      "fsopen",
                                      "fsconfig",
                                      "open_tree",
                                      "kexec_load",
                                      "kexec_file_load",
                                      "keyctl",
                                      "add_key",
                                      "request_key",
                                      "process_vm_readv",
                                      "process_vm_writev",
                                      "capset",
                                      "prctl",
                                      "mprotect",
                                      "setsid",
                                      "setpgid",
                                      "personality",
                                      "swapon",
                                      "reboot",
                                      "quotactl",
                                      "ioperm",
                                      "iopl",
                                      "perf_event_open",
                                      "userfaultfd",
                                      "fanotify_init",
                                      "fanotify_mark",
                                      "landlock_restrict_self",
                                      "seccomp",
                                      "fchmodat2",
                                      "faccessat2"}) {
    EXPECT_EQ(rule_for_syscall(call)->name, call);
    EXPECT_FALSE(rule_for_syscall(call)->action.empty()) << call;
  }
}

TEST(NormalizeTable, RefinementsByValue) {
  const Rule* control = rule_for_type(AUDIT_VIRT_CONTROL);
  EXPECT_EQ(control->by, "op");
  ASSERT_NE(refinement(*control, "start"), nullptr);
  EXPECT_EQ(refinement(*control, "start")->type[0], "start");
  EXPECT_EQ(refinement(*control, "start")->action, "issued-vm-control");
  EXPECT_EQ(refinement(*control, "create"), nullptr);
  EXPECT_EQ(refinement(*rule_for_type(AUDIT_AVC), "denied")->type[0], "denied");
  EXPECT_EQ(refinement(*rule_for_type(1334), "LOAD")->action, "loaded-bpf-program");
}

TEST(NormalizeTable, AppArmorByItsWord) {
  EXPECT_EQ(rule_for_apparmor("DENIED")->name, "APPARMOR_DENIED");
  EXPECT_EQ(rule_for_apparmor("ALLOWED")->type[0], "allowed");
  EXPECT_EQ(rule_for_apparmor("KILLED")->name, "APPARMOR_KILL");
  EXPECT_EQ(rule_for_apparmor("STATUS")->category[0], "configuration");
  EXPECT_EQ(rule_for_apparmor("")->name, "APPARMOR");
  EXPECT_EQ(rule_for_apparmor("ANYTHING")->action, "violated-apparmor-policy");
}

TEST(NormalizeTable, GeneratedCodeIsThatOfTheYaml) {
  const std::string command = "python3 " + test::source_path("scripts/generate_normalize.py") + " --check";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

/// Values of `name:` entries of allowed_values of a field of ecs_flat.yml, with the expected types of each.
std::map<std::string, Words> allowed_values(const std::string& path, std::string_view field) {
  std::map<std::string, Words> values;
  std::ifstream in(path);
  std::string line, current;
  bool inside = false, types = false;
  while (std::getline(in, line)) {
    if (!line.empty() && line[0] != ' ') inside = line == std::string(field) + ":";
    if (!inside) continue;
    const size_t text = line.find_first_not_of(' ');
    const std::string_view rest = text == std::string::npos ? std::string_view{} : std::string_view(line).substr(text);
    if (rest.starts_with("expected_event_types:")) {
      types = true;
    } else if (types && rest.starts_with("- ") && !rest.starts_with("- description")) {
      values[current].insert(std::string(rest.substr(2)));
      continue;
    } else if (rest.starts_with("name: ") && text > 2) {
      // An entry's name comes after its types: what was gathered under "" belongs to it.
      current = std::string(rest.substr(6));
      values[current].merge(values[""]);
      values.erase("");
      current.clear();
      types = false;
    } else {
      types = false;
    }
  }
  return values;
}

TEST(NormalizeTable, OurCopyOfEcsIsThatOfTheSchema) {
  SKIP_WITHOUT_SHARED(dir);
  const auto categories = allowed_values(*dir + "/facts/ecs_flat.yml", "event.category");
  const auto types = allowed_values(*dir + "/facts/ecs_flat.yml", "event.type");
  ASSERT_GT(categories.size(), 12u);
  ASSERT_GT(types.size(), 12u);
  for (const auto& [category, expected] : ecs_types()) {
    ASSERT_TRUE(categories.contains(category)) << category;
    EXPECT_TRUE(std::ranges::equal(categories.at(category), expected)) << category;
    for (const std::string& type : expected) EXPECT_TRUE(types.contains(type)) << type;
  }
}

}  // namespace
}  // namespace acta::audit
