#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <map>
#include <string>

#include "support/audit_documents.h"
#include "support/flat_json.h"
#include "support/shared.h"

namespace acta::test {
namespace {

using Strings = const std::string&;

bool none(Strings, Strings ours) {
  return ours == "<none>";
}
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
bool has_all(Strings expected, Strings ours) {
  for (size_t at = 0; at < expected.size();) {
    const size_t end = std::min(expected.find('|', at), expected.size());
    if (("|" + ours + "|").find("|" + expected.substr(at, end - at) + "|") == std::string::npos) return false;
    at = end + 1;
  }
  return true;
}
bool unset(Strings expected, Strings ours) {
  return expected == "unset" && ours == "<none>";
}

Comparison aucoalesce() {
  return Comparison(
      {{"sequence", "auditd.sequence"},
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
       {"ecs.group.", "group."}},
      {
          {"category", "", "event.category has the words of ECS", none},
          {"ecs.event.kind", "", "an audit record is an event; alerts are made of rules", kind},
          {"session", "", "unset makes no field", unset},
          {"user.ids.auid", "", "unset makes no field", unset},
          {"ecs.user.id", "", "unset makes no field", unset},
          {"result", "", "no field when the records do not say", unknown},
          {"file.device", "", "the device that the file lies on (dev), not the one that it is (rdev)"},
          {"data.argc", "", "auditd.execve has the fields of EXECVE", none},
          {"data.acct", "", "auditd.data is as printed; auditd.interpreted has the decoded text", is_hex},
          {"data.socket_addr", "", "source and destination have the address", none},
          {"data.socket_port", "", "source and destination have the port", none},
          {"user.selinux.user", "", "AppArmor's label is no SELinux context", none},
          {"tags", "", "the key as the rule has it: key= is part of it", key},
          {"user.ids.suid", "crypto_key_user", "suid= in the message is the user who logs in, not the process's", none},
          {"user.ids.suid", "crypto_session", "suid= in the message is the user who logs in, not the process's", none},
          {"user.ids.old-auid", "login", "unset makes no field", unset},
          {"@timestamp", "", "always three digits of milliseconds", same_time},
          {"file.path", "syscall", "the file that was created, not its directory", below},
          {"file.inode", "syscall", "of the file that was created, not of its directory"},
          {"file.mode", "syscall", "of the file that was created, not of its directory"},
          {"summary.object.primary", "syscall", "the file that was created, not its directory", below},
          {"summary.object.type", "syscall", "what the file is", not_file},
          {"paths[0].obj_*", "", "auditd.paths holds obj as printed; auditd.file.selinux has its parts", none},
          {"paths[1].obj_*", "", "auditd.paths holds obj as printed; auditd.file.selinux has its parts", none},
          {"ecs.event.category", "anom_promiscuous", "about a network device too", has_all},
          {"ecs.event.category", "netfilter_cfg", "socket calls are about the network too", has_all},
          {"ecs.event.type", "anom_promiscuous", "no word twice, and none that fits no category"},
      });
}

TEST(Aucoalesce, EventsAreEqualButForListedDeviations) {
  SKIP_WITHOUT_SHARED(shared);
  const std::filesystem::path folder = *shared + "/golden/beats/go-libaudit/aucoalesce/testdata";
  Comparison comparison = aucoalesce();
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
  EXPECT_EQ(events, 28u);
  EXPECT_GT(comparison.equal(), 800u);
  comparison.finish();
}

}  // namespace
}  // namespace acta::test
