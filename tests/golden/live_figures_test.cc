#include <gtest/gtest.h>

#include <charconv>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/audit_documents.h"
#include "support/audit_lines.h"
#include "support/shared.h"

namespace acta::test {
namespace {

using Counts = std::map<std::string, size_t>;

// "599  SYSCALL" lines of an aureport summary.
Counts read_summary(const std::string& path) {
  Counts counts;
  for_each_line(read_text(path), [&](std::string_view line) {
    size_t count = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), count);
    if (read.ec != std::errc{} || read.ptr == line.data()) return;
    const std::string_view name =
        line.substr(std::min(line.find_first_not_of(' ', static_cast<size_t>(read.ptr - line.data())), line.size()));
    counts[std::string(name)] += count;
  });
  EXPECT_FALSE(counts.empty()) << path;
  return counts;
}

std::vector<std::string> list_at(const rapidjson::Value& document, std::string_view path) {
  std::vector<std::string> items;
  const rapidjson::Value* value = at_path(document, path);
  if (value == nullptr) return items;
  for (const auto& item : value->GetArray()) items.emplace_back(item.GetString());
  return items;
}

// The tools have no name for a type that is newer than they.
std::string tool_name(const std::string& type) {
  return type.starts_with("UNKNOWN[") ? "(null)" : type;
}

class LiveFigures : public testing::Test {
 protected:
  void SetUp() override {
    const auto shared = shared_dir();
    if (!shared) GTEST_SKIP() << "LOUD SKIP: upstream test material is absent; set ACTA_SHARED to its folder";
    folder_ = *shared + "/golden/live/audit/";
    AuditRunOptions options;
    options.passwd = folder_ + "passwd";
    options.group = folder_ + "group";
    log_ = read_text(folder_ + "audit-enriched.log");
    documents_ = decode_audit(log_, options).parsed();
  }

  std::string folder_, log_;
  std::vector<rapidjson::Document> documents_;
};

TEST_F(LiveFigures, OneDocumentPerKey) {
  EXPECT_EQ(documents_.size(), 869u);
  std::set<std::string> ids;
  size_t records = 0;
  for (const auto& document : documents_) {
    EXPECT_TRUE(ids.insert(text_at(document, "event.id")).second) << text_at(document, "event.id");
    EXPECT_EQ(text_at(document, "actabeat.incomplete"), "<none>") << text_at(document, "event.id");
    records += list_at(document, "auditd.record_types").size();
  }
  EXPECT_EQ(records, 3712u);
}

TEST_F(LiveFigures, FirstRecordTypesAreThoseOfAudit421) {
  Counts counts;
  for (const auto& document : documents_) ++counts[tool_name(text_at(document, "event.code"))];
  EXPECT_EQ(counts, read_summary(folder_ + "expected-4.2.1/aureport-e-i-summary.txt"));
}

// audit 3.x ends an event at LOGIN: what follows of it is an event of its own.
TEST_F(LiveFigures, FirstRecordTypesByTheLoginRuleAreThoseOfAudit309) {
  Counts counts;
  for (const auto& document : documents_) {
    const auto types = list_at(document, "auditd.record_types");
    ++counts[tool_name(types[0])];
    if (types[0] == "LOGIN" && types.size() > 1) ++counts[types[1]];
  }
  EXPECT_EQ(counts, read_summary(folder_ + "expected-enriched/aureport-e-i-summary.txt"));
}

TEST_F(LiveFigures, KeysAreThoseOfAureport) {
  Counts counts;
  for (const auto& document : documents_) {
    for (const std::string& tag : list_at(document, "tags")) ++counts[tag];
  }
  EXPECT_EQ(counts, read_summary(folder_ + "expected-enriched/aureport-k-i-summary.txt"));
}

TEST_F(LiveFigures, SystemCallsAreThoseOfAureport) {
  Counts counts;
  for (const auto& document : documents_) {
    const std::string call = text_at(document, "auditd.data.syscall");
    if (call != "<none>") ++counts[call];
  }
  EXPECT_EQ(counts, read_summary(folder_ + "expected-4.2.1/aureport-s-i-summary.txt"));
}

TEST_F(LiveFigures, UsersAreThoseOfAureport) {
  Counts counts;
  for (const auto& document : documents_) {
    const std::string auid = text_at(document, "auditd.data.auid");
    if (auid == "<none>") continue;
    const std::string name = text_at(document, "auditd.user.audit.name");
    ++counts[auid == "4294967295" ? "unset" : name];
  }
  EXPECT_EQ(counts, read_summary(folder_ + "expected-4.2.1/aureport-u-i-summary.txt"));
}

TEST_F(LiveFigures, ExecutablesAreThoseOfAureport) {
  Counts counts;
  for (const auto& document : documents_) {
    const std::string executable = text_at(document, "process.executable");
    if (executable != "<none>") ++counts[executable];
  }
  EXPECT_EQ(counts, read_summary(folder_ + "expected-enriched/aureport-x-i-summary.txt"));
}

TEST_F(LiveFigures, RawAndEnrichedLogsSayTheSame) {
  AuditRunOptions options;
  options.passwd = folder_ + "passwd";
  options.group = folder_ + "group";
  const auto raw = decode_audit(read_text(folder_ + "audit-raw.log"), options).parsed();
  ASSERT_EQ(raw.size(), documents_.size());
  for (size_t i = 0; i < raw.size(); ++i) {
    // Names can differ: the writer's at the time against the files'. What is not a name must not.
    for (const char* path : {"event.id", "event.action", "event.outcome", "file.path", "process.executable",
                             "process.command_line", "user.id", "user.effective.id", "process.user.id",
                             "source.address", "destination.address", "auditd.data.syscall", "tags"}) {
      EXPECT_EQ(text_at(raw[i], path), text_at(documents_[i], path)) << text_at(raw[i], "event.id") << " " << path;
    }
  }
}

TEST_F(LiveFigures, EndMarkersChangeNothing) {
  std::string with_eoe;
  std::string key;
  for_each_line(log_, [&](std::string_view line) {
    with_eoe.append(line).append("\n");
    const size_t at = line.find("msg=audit(");
    if (line.starts_with("type=PROCTITLE") && at != std::string_view::npos) {
      with_eoe.append("type=EOE ").append(line.substr(at, line.find("):", at) + 2 - at)).append(" \n");
    }
  });
  AuditRunOptions options;
  options.passwd = folder_ + "passwd";
  options.group = folder_ + "group";
  const auto marked = decode_audit(with_eoe, options);
  const auto plain = decode_audit(log_, options);
  EXPECT_EQ(marked.json, plain.json);
}

}  // namespace
}  // namespace acta::test
