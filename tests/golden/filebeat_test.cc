#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "support/audit_documents.h"
#include "support/flat_json.h"
#include "support/shared.h"

namespace acta::test {
namespace {

using Strings = const std::string&;

bool none(Strings, Strings ours) { return ours == "<none>"; }
bool unset(Strings expected, Strings ours) { return expected == "4294967295" && ours == "<none>"; }

// Documents of one record each: what a record says by itself. Fields of the collector and of geographic look-ups are left out.
Comparison filebeat() {
  return Comparison({{"auditd.log.sequence", "auditd.sequence"},
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
                     {"user.effective.", "process.user."},
                     {"user.terminal", "auditd.data.terminal"},
                     {"process.exit_code", "auditd.raw.exit"},
                     {"host.architecture", "auditd.raw.arch"}},
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
