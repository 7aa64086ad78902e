#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/audit_documents.h"
#include "support/flat_json.h"
#include "support/shared.h"

namespace acta::test {
namespace {

using Strings = const std::string&;

bool kind(Strings expected, Strings ours) {
  return expected == "alert" && ours == "event";
}
bool unknown(Strings expected, Strings ours) {
  return expected == "unknown" && ours == "<none>";
}
bool same_time(Strings expected, Strings ours) {
  return expected.substr(0, expected.size() - 1) + "0Z" == ours;
}
bool below(Strings expected, Strings ours) {
  return ours.size() > expected.size() && ours.starts_with(expected);
}
bool not_file(Strings expected, Strings ours) {
  return expected == "file" && ours != "<none>";
}
bool is_hex(Strings, Strings ours) {
  return ours.find_first_not_of("0123456789ABCDEF") == std::string::npos;
}
bool key(Strings expected, Strings ours) {
  return ours == "key=" + expected;
}
bool unset(Strings expected, Strings ours) {
  return expected == "unset" && ours == "<none>";
}

const std::vector<std::pair<std::string, std::string>> kRenames{{"sequence", "auditd.sequence"},
                                                                {"record_type", "auditd.message_type"},
                                                                {"result", "auditd.result"},
                                                                {"session", "auditd.session"},
                                                                {"summary.action", "event.action"},
                                                                {"summary.", "auditd.summary."},
                                                                {"user.ids.auid", "auditd.user.audit.id"},
                                                                {"user.ids.uid", "process.real_user.id"},
                                                                {"user.ids.euid", "process.user.id"},
                                                                {"user.ids.suid", "process.saved_user.id"},
                                                                {"user.ids.fsuid", "auditd.user.filesystem.id"},
                                                                {"user.ids.gid", "process.real_group.id"},
                                                                {"user.ids.egid", "process.group.id"},
                                                                {"user.ids.sgid", "process.saved_group.id"},
                                                                {"user.ids.fsgid", "auditd.user.filesystem.group.id"},
                                                                {"user.selinux.", "auditd.user.selinux."},
                                                                {"file.selinux.", "auditd.file.selinux."},
                                                                {"process.ppid", "process.parent.pid"},
                                                                {"process.exe", "process.executable"},
                                                                {"process.cwd", "process.working_directory"},
                                                                {"data.socket_family", "auditd.data.socket.family"},
                                                                {"data.old-ses", "auditd.data.old_ses"},
                                                                {"data.", "auditd.data."},
                                                                {"paths[", "auditd.paths["},
                                                                {"ecs.event.", "event."},
                                                                {"ecs.user.", "user."},
                                                                {"ecs.group.", "group."}};

std::vector<Deviation> deviations() {
  return {
      {"category", "", "event.category has the words of ECS", is_none},
      {"ecs.event.kind", "", "an audit record is an event; alerts are made of rules", kind},
      {"session", "", "unset makes no field", unset},
      {"user.ids.auid", "", "unset makes no field", unset},
      {"ecs.user.id", "", "unset makes no field", unset},
      {"result", "", "no field when the records do not say", unknown},
      {"file.device", "", "the device that the file lies on (dev), not the one that it is (rdev)"},
      {"data.argc", "", "auditd.execve has the fields of EXECVE", is_none},
      {"data.acct", "", "auditd.data is as printed; auditd.interpreted has the decoded text", is_hex},
      {"data.socket_addr", "", "source and destination have the address", is_none},
      {"data.socket_port", "", "source and destination have the port", is_none},
      {"user.selinux.user", "", "AppArmor's label is no SELinux context", is_none},
      {"tags", "", "the key as the rule has it: key= is part of it", key},
      {"user.ids.suid", "crypto_*", "suid= in the message is the user who logs in, not the process's", is_none},
      {"user.ids.old-auid", "login", "unset makes no field", unset},
      {"@timestamp", "", "always three digits of milliseconds", same_time},
      {"file.path", "syscall", "the file that was created, not its directory", below},
      {"file.inode", "syscall", "of the file that was created, not of its directory"},
      {"file.mode", "syscall", "of the file that was created, not of its directory"},
      {"summary.object.primary", "syscall", "the file that was created, not its directory", below},
      {"summary.object.type", "syscall", "what the file is", not_file},
      {"paths[0].obj_*", "", "auditd.paths holds obj as printed; auditd.file.selinux has its parts", is_none},
      {"paths[1].obj_*", "", "auditd.paths holds obj as printed; auditd.file.selinux has its parts", is_none},
      {"ecs.event.category", "", "what else it is about: the network, an intrusion", has_all},
      {.path = "ecs.event.type",
       .record = "",
       .reason = "and the types of that",
       .accepts = has_all,
       .stands_at = {},
       .rare = true},
      {.path = "ecs.user.effective.id",
       .record = "",
       .reason = "uid= is of the program that reports; an account that is not known (acct=?) makes no field",
       .accepts = is_none,
       .stands_at = "process.real_user.id",
       .rare = true},
      {.path = "tags",
       .record = "",
       .reason = "key=(null)ARCH=x86_64: the enriched tail without its mark is no part of the key",
       .accepts = is_none,
       .stands_at = "auditd.data.arch",
       .rare = true},
      {"ecs.event.type", "anom_promiscuous", "no word twice, and none that fits no category"},
  };
}

TEST(Aucoalesce, EventsAreEqualButForListedDeviations) {
  SKIP_WITHOUT_SHARED(shared);
  const std::filesystem::path folder = *shared + "/golden/beats/go-libaudit/aucoalesce/testdata";
  Comparison comparison(kRenames, deviations());
  size_t events = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path().filename().string());
    rapidjson::Document golden;
    std::filesystem::path golden_path = entry.path();
    golden.Parse(read_text(golden_path.replace_extension(".json.golden")).c_str());
    ASSERT_TRUE(golden.IsArray());
    const YAML::Node tests = YAML::LoadFile(entry.path())["tests"];
    for (const auto& item : golden.GetArray()) {
      const std::string name = item["test_name"].GetString();
      ASSERT_TRUE(tests[name]) << name;
      const auto documents = decode_audit(tests[name].as<std::string>()).parsed();
      ASSERT_EQ(documents.size(), 1u) << name;
      comparison.compare(name, item["event"], documents[0]);
      ++events;
    }
  }
  EXPECT_GE(events, 28u);
  EXPECT_GT(comparison.equal(), 800u);
  comparison.finish();
}

}  // namespace
}  // namespace acta::test
