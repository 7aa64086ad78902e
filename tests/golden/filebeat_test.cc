#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
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
bool same_words(Strings expected, Strings ours) {
  std::multiset<std::string> words[2];
  const std::string* const texts[] = {&expected, &ours};
  for (int i = 0; i < 2; ++i) {
    for (size_t at = 0; at < texts[i]->size();) {
      const size_t end = std::min(texts[i]->find('|', at), texts[i]->size());
      words[i].insert(texts[i]->substr(at, end - at));
      at = end + 1;
    }
  }
  return words[0] == words[1];
}
bool is_name(Strings expected, Strings ours) {
  return expected.find_first_not_of("0123456789") != std::string::npos && ours == "<none>";
}
bool is_hex(Strings, Strings ours) {
  return ours.find_first_not_of("0123456789ABCDEF") == std::string::npos;
}
bool is_result(Strings expected, Strings ours) {
  return expected == "1" && ours == "success";
}
bool first(Strings expected, Strings ours) {
  return expected.starts_with(ours + "|");
}
bool actor(Strings expected, Strings ours) {
  return expected == "497" && ours == "700";
}
bool stop(Strings expected, Strings ours) {
  return expected == "stop" && ours == "end";
}
bool one_missing(Strings expected, Strings ours) {
  return ours.starts_with(expected) || expected.starts_with(ours.substr(0, 4000));
}
bool unset(Strings expected, Strings ours) {
  return expected == "4294967295" && ours == "<none>";
}

// Documents of one record each: what a record says by itself. Fields of the collector and of geographic look-ups are
// left out.
Comparison filebeat() {
  return Comparison(
      {{"auditd.log.sequence", "auditd.sequence"},
       {"auditd.log.node", "auditd.node"},
       {"auditd.log.record_type", "event.code"},
       {"auditd.log.syscall", "auditd.raw.syscall"},
       {"auditd.log.img-ctx", "auditd.data.img_ctx"},
       {"auditd.log.vm-ctx", "auditd.data.vm_ctx"},
       {"auditd.log.", "auditd.data."},
       {"user.audit.", "auditd.user.audit."},
       {"user.filesystem.", "auditd.user.filesystem."},
       {"user.saved.group.", "process.saved_group."},
       {"user.saved.", "process.saved_user."},
       {"user.terminal", "auditd.data.terminal"},
       {"process.exit_code", "auditd.raw.exit"},
       {"host.architecture", "auditd.data.arch"}},
      {
          {"event.dataset", "", "ours"},
          {"event.module", "", "ours"},
          {"fileset.name", "", "the collector's", none},
          {"input.type", "", "the collector's", none},
          {"log.offset", "", "the collector's", none},
          {"service.type", "", "names the collector, not a service that the event is about"},
          {"source.as.*", "", "looked up by the server", none},
          {"source.geo.*", "", "looked up by the server", none},
          {"user.audit.id", "", "unset makes no field", unset},
          {"event.category", "", "the order of words says nothing", same_words},
          {"event.type", "", "the order of words says nothing", same_words},
          {"event.category", "syscall", "a system call has the categories of what it does"},
          {"event.type", "syscall", "a system call has the types of what it does"},
          {"event.action", "syscall", "a system call has the action of what it does"},
          {"event.action", "mac_ipsec_event", "the action of the table"},
          {"event.type", "service_stop", "stop is no type of ECS", stop},
          {"event.type", "system_boot", "a boot is the start of a host"},
          {"event.type", "system_shutdown", "a shutdown is the end of a host"},
          {"event.type", "virt_machine_id", "creation is no type of the category host"},
          {"event.type", "virt_control", "creation is no type of the category host"},
          {"event.outcome", "", "a word of ECS", is_result},
          {"process.executable", "execve", "a0 is what the caller says, not the program"},
          {"process.args", "execve", "the record lacks an argument: its place is kept", one_missing},
          {"network.direction", "syscall", "no peer without SOCKADDR", none},
          {"container.*", "virt_machine_id", "a virtual machine is no container", none},
          {"user.*", "syscall", "a name (ausearch -i wrote this) is no id: the name fields have it", is_name},
          {"user.name", "", "the account acted on is user.effective and user.target; user is who acted"},
          {"user.saved.id", "crypto_session", "suid= in the message is the user who logs in, not the process's", none},
          {"user.id", "user_cmd", "user is who logged in (auid)", actor},
          {"auditd.log.uid", "user_acct", "the second uid= is in auditd.repeated", first},
          {"auditd.log.proctitle", "", "auditd.data is as printed; auditd.interpreted has the decoded text", is_hex},
          {"auditd.log.data", "", "auditd.data is as printed; auditd.interpreted has the decoded text", is_hex},
      });
}

TEST(Filebeat, RecordsAreEqualButForListedDeviations) {
  SKIP_WITHOUT_SHARED(shared);
  const std::filesystem::path folder = *shared + "/golden/beats/beats/filebeat/module/auditd/log/test";
  Comparison comparison = filebeat();
  size_t records = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    SCOPED_TRACE(entry.path().filename().string());
    rapidjson::Document expected;
    expected.Parse(read_text(entry.path()).c_str());
    ASSERT_TRUE(expected.IsArray());
    for (const auto& item : expected.GetArray()) {
      AuditRunOptions options;
      options.keep_original = true;
      const std::string line = item["event.original"].GetString();
      const auto documents = decode_audit(line, options).parsed();
      ASSERT_EQ(documents.size(), 1u) << line;
      comparison.compare(line.substr(0, 60), item, documents[0]);
      ++records;
    }
  }
  EXPECT_EQ(records, 230u);
  EXPECT_GT(comparison.equal(), 2000u);
  comparison.finish();
}

}  // namespace
}  // namespace acta::test
