#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "processors/audit/record.h"
#include "support/audit_documents.h"
#include "support/flat_json.h"
#include "support/shared.h"

namespace acta::test {
namespace {

using Strings = const std::string&;

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
bool stop(Strings expected, Strings ours) {
  return expected == "stop" && ours == "end";
}
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('|', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}
// One record of many, or of a call whose other records are elsewhere: Filebeat writes "[... 8 truncated arguments ...]"
// for those, drops the rest of a split argument and takes hexadecimal that is all digits for text.
bool is_part(Strings expected, Strings ours) {
  std::vector<std::string> theirs = words_of(expected);
  const std::vector<std::string> mine = words_of(ours);
  if (theirs[0].ends_with(" truncated arguments ...]")) theirs.erase(theirs.begin());
  const auto same = [](const std::string& a, const std::string& b) {
    std::string bytes;
    return a == b || b.empty() || (audit::decode_hex(a, bytes) && bytes == b);
  };
  if (theirs.size() > mine.size())
    return std::equal(mine.begin(), mine.end(), theirs.begin(),
                      [&](const auto& a, const auto& b) { return same(b, a); });
  return std::equal(theirs.rbegin(), theirs.rend(), mine.rbegin(), same) ||
         std::equal(theirs.begin(), theirs.end(), mine.begin(), same);
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
       {"auditd.log.new_auid", "auditd.data.auid"},
       {"auditd.log.new_ses", "auditd.data.ses"},
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
          {"fileset.name", "", "the collector's", is_none},
          {"input.type", "", "the collector's", is_none},
          {"log.offset", "", "the collector's", is_none},
          {"service.type", "", "names the collector, not a service that the event is about"},
          {"source.as.*", "", "looked up by the server", is_none},
          {"source.geo.*", "", "looked up by the server", is_none},
          {"user.audit.id", "", "unset makes no field", unset},
          {"event.category", "", "in another order, and what else it is about", has_all},
          {"event.type", "", "in another order, and what else it is about", has_all},
          {.path = "event.action",
           .record = "",
           .reason = "Filebeat has no row and gives the type's name",
           .accepts = {},
           .stands_at = "auditd.message_type"},
          {"event.category", "syscall", "a system call has the categories of what it does"},
          {"event.type", "syscall", "a system call has the types of what it does"},
          {"event.type", "service_stop", "stop is no type of ECS", stop},
          {"event.type", "system_boot", "a boot is the start of a host"},
          {"event.type", "system_shutdown", "a shutdown is the end of a host"},
          {"event.type", "virt_*", "creation is no type of the category host"},
          {"event.outcome", "", "a word of ECS", is_result},
          {"process.executable", "execve", "a0 is what the caller says, not the program"},
          {"process.args", "execve", "the record lacks an argument: its place is kept", is_part},
          {"network.direction", "syscall", "no peer without SOCKADDR", is_none},
          {"container.*", "virt_*", "a virtual machine is no container", is_none},
          {"user.*", "syscall", "a name (ausearch -i wrote this) is no id: the name fields have it", is_name},
          {"user.name", "", "the account acted on is user.effective and user.target; user is who acted"},
          {"user.saved.id", "crypto_*", "suid= in the message is the user who logs in, not the process's", is_none},
          {.path = "user.id",
           .record = "user_*",
           .reason = "user is who logged in (auid), not the program that reports (uid)",
           .accepts = {},
           .stands_at = "auditd.data.uid"},
          {"auditd.log.*", "", "the second field of a key is in auditd.repeated", first},
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
  EXPECT_GE(records, 230u);
  EXPECT_GT(comparison.equal(), 2000u);
  comparison.finish();
}

}  // namespace
}  // namespace acta::test
