#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "support/audit_documents.h"
#include "support/flat_json.h"
#include "support/shared.h"
#include "support/temp_dir.h"

namespace acta::test {
namespace {

using Strings = const std::string&;

// The users and groups of the recorded documents.
constexpr const char* kPasswd =
    "root:x:0:0::/:\nvagrant:x:1000:1000::/:\nalice:x:1001:1001::/:\noldbob:x:1002:1002::/:\ncharlie:x:1003:1003::/:\n"
    "testuser:x:1004:1004::/:\nbob:x:9999:9999::/:\n";
constexpr const char* kGroup =
    "root:x:0:\nvagrant:x:1000:\nalice:x:1001:\noldbob:x:1002:\ncharlie:x:1003:\ntestgroup:x:1004:\nbob:x:9999:\n";

bool longer(Strings expected, Strings ours) {
  return ours.size() > expected.size() && ours.starts_with(expected);
}
bool was_empty(Strings expected, Strings ours) {
  return expected.empty() && ours != "<none>";
}
bool says_unset(Strings expected, Strings ours) {
  return expected == "4294967295" && ours == "unset";
}
bool named(Strings expected, Strings ours) {
  return expected.find_first_not_of("0123456789") == std::string::npos && ours != "<none>";
}
bool absolute(Strings expected, Strings ours) {
  return ours.starts_with("/") && ours.ends_with("/" + expected);
}

bool is_mac(Strings expected, Strings ours) {
  return expected == "mac" && ours != "<none>";
}

Comparison auditbeat() {
  return Comparison(
      {{"user.audit.", "auditd.user.audit."},
       {"user.filesystem.", "auditd.user.filesystem."},
       {"user.saved.group.", "process.saved_group."},
       {"user.saved.", "process.saved_user."},
       {"user.selinux.", "auditd.user.selinux."},
       {"user.old-auid.", "auditd.user.old_auid."},
       {"file.selinux.", "auditd.file.selinux."},
       {"user.new_auid.", "user.effective."},
       {"user.old_auid.", "auditd.user.old_auid."},
       {"auditd.data.old-ses", "auditd.data.old_ses"},
       {"auditd.data.selected-context", "auditd.data.selected_context"}},
      {
          {"service.type", "", "names the collector, not a service that the event is about", is_none},
          {"auditd.data.op", "", "the whole text, not its first word", longer},
          {"related.user", "", "every name in the document, of real, saved and target users too", has_all},
          {"event.original", "", "one string, as ECS has it"},
          {"auditd.summary.object.primary", "add_group", "names where they are known", named},
          {"auditd.summary.object.primary", "add_user", "names where they are known", named},
          {"auditd.summary.object.primary", "login", "names where they are known", named},
          {"auditd.summary.object.primary", "syscall", "paths are made absolute", absolute},
          {"file.path", "", "paths are made absolute", absolute},
          {"file.device", "", "the device that the file lies on (dev), not the one that it is (rdev)"},
          {"auditd.paths[0].obj_*", "", "auditd.paths holds obj as printed; auditd.file.selinux has its parts",
           is_none},
          {"event.category", "", "mac is no category of ECS", is_mac},
          {"auditd.data.new_ses", "login", "old kernels' \"new ses\" is the session: auditd.session has it", is_none},
          {"auditd.result", "login", "old kernels say no result: no field", is_none},
          {"event.outcome", "login", "old kernels say no result: no field", is_none},
          {"auditd.session", "login", "old kernels' \"new ses\" is the session", was_empty},
          {"user.old_auid.id", "login", "unset makes no field", is_none},
          {"auditd.summary.actor.primary", "login", "unset, as in newer records", says_unset},
      });
}

TEST(Auditbeat, DocumentsAreEqualButForListedDeviations) {
  SKIP_WITHOUT_SHARED(shared);
  const std::filesystem::path folder = *shared + "/golden/beats/beats/auditbeat/module/auditd/testdata";
  TempDir temp;
  AuditRunOptions options;
  options.passwd = temp.write("passwd", kPasswd);
  options.group = temp.write("group", kGroup);
  options.keep_original = true;
  Comparison comparison = auditbeat();
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".log") continue;
    SCOPED_TRACE(entry.path().filename().string());
    const auto documents = decode_audit(read_text(entry.path()), options).parsed();
    rapidjson::Document expected;
    expected.Parse(read_text(entry.path().string() + "-expected.json").c_str());
    ASSERT_TRUE(expected.IsArray());
    ASSERT_EQ(documents.size(), expected.Size());
    for (rapidjson::SizeType i = 0; i < expected.Size(); ++i) {
      const std::string sequence = text_at(expected[i], "auditd.sequence");
      size_t found = 0;
      for (const auto& document : documents) {
        if (text_at(document, "auditd.sequence") != sequence) continue;
        ++found;
        comparison.compare(entry.path().filename().string() + ":" + sequence, expected[i], document);
      }
      EXPECT_EQ(found, 1u) << sequence;
    }
    ++files;
  }
  EXPECT_GE(files, 5u);
  EXPECT_GT(comparison.equal(), 500u);
  comparison.finish();
}

}  // namespace
}  // namespace acta::test
