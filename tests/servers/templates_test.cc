#include <gtest/gtest.h>
#include <rapidjson/pointer.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <map>

#include "event/field.h"
#include "support/audit_documents.h"
#include "support/setup_fixture.h"
#include "support/shared.h"

namespace acta {
namespace {

using rapidjson::Document;
using rapidjson::Pointer;
using rapidjson::Value;
using test::Server;
using test::ServerKind;

/// The last bytes of a path in lower case: what a TempDir is called by.
std::string lower_end(const std::string& path) {
  constexpr size_t kBytes = 6;
  std::string end = path.substr(path.size() - kBytes);
  for (char& c : end) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return end;
}

/// What the templates of `setup` make of documents, on a real server.
class TemplatesTest : public test::SetupFixture {
 protected:
  /// Templates anew, and all documents of a file in their streams; each must be taken. Counts what is in them.
  void index(const Server& server, const std::string& path) {
    const test::Ran replayed = test::run_actabeat("replay --host-id h " + path + " 2>/dev/null");
    ASSERT_EQ(replayed.status, 0) << path;
    std::string body;
    constexpr size_t kBodyBytes = 6u << 20;
    for (size_t from = 0; from < replayed.output.size();) {
      const size_t end = replayed.output.find('\n', from);
      const std::string line = replayed.output.substr(from, end - from);
      from = end + 1;
      Document document;
      document.Parse(line.c_str());
      ASSERT_FALSE(document.HasParseError());
      count(document);
      body += R"({"create":{"_index":"logs-)" + test::text_at(document, "event.dataset") + "-" + namespace_ + "\"}}\n" +
              line + "\n";
      if (body.size() < kBodyBytes && from < replayed.output.size()) continue;
      bulk(server, body, path);
      body.clear();
    }
  }

  void count(const Document& document) {
    ++documents_;
    for (const char* field : {"auditd.message_type", "auditd.data.syscall", "process.executable", "event.category",
                              "event.outcome", "auditd.record_types", "auditd.summary.actor.primary"}) {
      const Value* value = test::at_path(document, field);
      if (value == nullptr) continue;
      std::map<std::string, int>& counts = counts_[field];
      std::set<std::string> seen;  // a bucket counts documents
      if (value->IsString()) seen.insert(value->GetString());
      if (value->IsArray()) {
        for (const Value& item : value->GetArray()) seen.insert(item.GetString());
      }
      for (const std::string& each : seen) ++counts[each];
    }
  }

  void bulk(const Server& server, const std::string& body, const std::string& path) const {
    const Document answer = json(server, "POST", "/_bulk?filter_path=errors,items.*.error,items.*.status", body);
    ASSERT_TRUE(answer.IsObject() && answer.HasMember("errors")) << test::to_text(answer);
    if (!answer["errors"].GetBool()) return;
    for (const Value& item : answer["items"].GetArray()) {
      if (const Value* error = Pointer("/create/error").Get(item))
        FAIL() << path << ": " << test::to_text(*error).substr(0, 500);
    }
  }

  Document search(const Server& server, const std::string& body) const {
    return json(server, "POST", std::string("/logs-actabeat.*-") + namespace_ + "/_search", body);
  }

  /// How many documents a query finds.
  int hits(const Server& server, const std::string& query) const {
    const Document found = search(server, R"({"size":0,"track_total_hits":true,"query":)" + query + "}");
    const Value* total = Pointer("/hits/total/value").Get(found);
    return total != nullptr ? total->GetInt() : -1;
  }

  /// Streams of one test: some servers cannot take them away again.
  const std::string namespace_ = lower_end(dir_.path());
  int documents_ = 0;
  std::map<std::string, std::map<std::string, int>> counts_;
};

std::vector<std::string> corpora(const std::string& shared, const test::TempDir& dir) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(shared + "/golden")) {
    const std::string path = entry.path().string(), name = entry.path().filename().string();
    if (!entry.is_regular_file() || name.ends_with(".json") || name.ends_with(".golden") || name.ends_with(".md") ||
        name.find("expected") != std::string::npos)
      continue;
    const bool log = name.find(".log") != std::string::npos, pacct = name == "pacct";
    if (!log && !pacct) continue;
    if (!name.ends_with(".zst")) {
      files.push_back(path);
      continue;
    }
    const std::string unpacked = dir / (std::to_string(files.size()) + ".log");
    EXPECT_EQ(test::run_shell("zstd -qdc " + path + " >" + unpacked).status, 0);
    files.push_back(unpacked);
  }
  return files;
}

/// Everything that a local user can put into a record to make a document that an index would refuse.
std::string hostile_log() {
  const std::string big(40'000, 'k'), digits(200, '9');
  std::string log;
  int serial = 1;
  const auto user = [&](const std::string& text) {
    log += "type=USER_CMD msg=audit(1700000000.123:" + std::to_string(serial++) + "): pid=1 uid=0 auid=0 ses=1 msg='" +
           text + " terminal=pts/0 res=success'\n";
  };
  user("socket=abc a.b=1 .x=1 y.=2 ..=4 =foo interpreted=x bytes=q record_type=3");
  user("addr=999.1.2.3 hostname=::1::1 port=" + digits + " pid=" + digits);
  user(big + "=1 x=" + big);
  user("cmd=" + std::string(12'000, 'A'));
  for (int i = 0; i < 3000; ++i) user("key" + std::to_string(i) + "=2024-01-01T00:00:00Z n" + std::to_string(i) + "=5");
  const std::string at = "msg=audit(1700000001.123:" + std::to_string(serial++) + "): ";
  log += "type=SYSCALL " + at + "arch=c000003e syscall=59 success=yes exit=" + digits +
         " a0=3 socket=x items=1 ppid=" + digits +
         " pid=2 auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=1 "
         "comm=61016202 exe=\"/x\" key=(null)\n";
  log += "type=EXECVE " + at + "argc=3 a0=61016202 a1=0D0A7F a2=";
  for (int i = 0; i < 20'000; ++i) log += "E28182";
  log += " a.b=1 a[=2 a0.=3\ntype=PATH " + at + "item=x.y name=\"/x\" inode=" + digits +
         " interpreted=4 mode=9 nametype=NORMAL\n";
  log += "type=EOE " + at + "\n";
  return log;
}

TEST_P(TemplatesTest, TakesEveryDocumentOfEveryCorpus) {
  NEEDS_SERVER(server, GetParam());
  SKIP_WITHOUT_SHARED(shared);
  const std::string config = config_of(server);
  ASSERT_EQ(run("setup -E setup.replicas=0", config).status, 0);
  const std::vector<std::string> files = corpora(*shared, dir_);
  ASSERT_GT(files.size(), 20u);
  for (const std::string& file : files) ASSERT_NO_FATAL_FAILURE(index(server, file));
  static_cast<void>(curl(server, "POST", std::string("/logs-actabeat.*-") + namespace_ + "/_refresh"));
  ASSERT_GT(documents_, 20'000);
  EXPECT_EQ(hits(server, R"({"match_all":{}})"), documents_);
  // The index counts as the documents do, whose figures the golden tests compare with those of the classic tools.
  for (const auto& [field, counts] : counts_) {
    const Document found =
        search(server, R"({"size":0,"aggs":{"a":{"terms":{"size":10000,"field":")" + field + R"("}}}})");
    const Value* buckets = Pointer("/aggregations/a/buckets").Get(found);
    ASSERT_NE(buckets, nullptr) << field << test::to_text(found).substr(0, 300);
    std::map<std::string, int> counted;
    for (const Value& bucket : buckets->GetArray()) counted[bucket["key"].GetString()] = bucket["doc_count"].GetInt();
    EXPECT_EQ(counted, counts) << field;
  }
}

// What is typed into Discover, and what Sigma rules become.
TEST_P(TemplatesTest, FindsPartsOfValuesByTheLanguageOfLucene) {
  NEEDS_SERVER(server, GetParam());
  ASSERT_EQ(run("setup -E setup.replicas=0", config_of(server)).status, 0);
  ASSERT_NO_FATAL_FAILURE(index(server, test::source_path("tests/data/accounts.log")));
  static_cast<void>(curl(server, "POST", std::string("/logs-actabeat.*-") + namespace_ + "/_refresh"));
  const auto found = [&](const std::string& query) {
    return hits(server, R"({"query_string":{"analyze_wildcard":true,"query":")" + query + "\"}}");
  };
  EXPECT_EQ(found("process.command_line:*usermod*"), 3);
  EXPECT_EQ(found(R"(process.command_line:*\\ \\-G\\ sudo*)"), 2);
  EXPECT_EQ(found("process.command_line:useradd*"), 3);
  EXPECT_EQ(found("process.executable:*mod"), 8);
  EXPECT_EQ(found(R"(process.command_line:\"usermod -o -u 0 plain2\")"), 1);
}

TEST_P(TemplatesTest, TakesWhatUsersCanDoToIt) {
  NEEDS_SERVER(server, GetParam());
  ASSERT_EQ(run("setup -E setup.replicas=0", config_of(server)).status, 0);
  ASSERT_NO_FATAL_FAILURE(index(server, dir_.write("hostile.log", hostile_log())));
  static_cast<void>(curl(server, "POST", std::string("/logs-actabeat.*-") + namespace_ + "/_refresh"));
  EXPECT_EQ(hits(server, R"({"match_all":{}})"), documents_);
  // Text with control characters is found as it is, and its words where there are such.
  EXPECT_EQ(hits(server, R"({"term":{"process.name":"a\u0001b\u0002"}})"), 1);
  EXPECT_EQ(hits(server, R"({"term":{"process.args":"\r\n\u007f"}})"), 1);
  EXPECT_EQ(hits(server, R"({"term":{"auditd.data.socket.family":"x"}})"), 0);
  // The mapping has not grown beyond its limit.
  const Document mapping = json(server, "GET", std::string("/logs-actabeat.audit-") + namespace_ + "/_mapping");
  const std::string text = test::to_text(mapping);
  size_t fields = 0;
  for (size_t found = text.find("\"type\""); found != std::string::npos; found = text.find("\"type\"", found + 1))
    ++fields;
  EXPECT_LT(fields, 2000u);
}

void leaves(const Value& properties, const std::string& prefix, std::map<std::string, std::string>& out) {
  for (const auto& member : properties.GetObject()) {
    const std::string name = prefix + member.name.GetString();
    if (member.value.HasMember("properties")) leaves(member.value["properties"], name + ".", out);
    if (member.value.HasMember("type")) out[name] = member.value["type"].GetString();
    if (!member.value.HasMember("fields")) continue;
    for (const auto& field : member.value["fields"].GetObject())
      out[name + "." + field.name.GetString()] = field.value["type"].GetString();
  }
}

TEST_P(TemplatesTest, MapsEveryFieldAsEcsSays) {
  NEEDS_SERVER(server, GetParam());
  SKIP_WITHOUT_SHARED(shared);
  ASSERT_EQ(run("setup -E setup.replicas=0", config_of(server)).status, 0);
  bulk(server,
       std::string(R"({"create":{"_index":"logs-actabeat.audit-)") + namespace_ +
           "\"}}\n{\"@timestamp\":\"2026-01-01T00:00:00Z\"}\n",
       "one document");
  const Document answer = json(server, "GET", std::string("/logs-actabeat.audit-") + namespace_ + "/_mapping");
  ASSERT_EQ(answer.MemberCount(), 1u);
  std::map<std::string, std::string> mapped;
  leaves(answer.MemberBegin()->value["mappings"]["properties"], "", mapped);
  const YAML::Node ecs = YAML::LoadFile(*shared + "/facts/ecs_flat.yml");
  std::map<std::string, std::string> types;
  for (const auto& entry : ecs) {
    types[entry.first.as<std::string>()] = entry.second["type"].as<std::string>();
    for (const auto& field : entry.second["multi_fields"])
      types[field["flat_name"].as<std::string>()] = field["type"].as<std::string>();
  }
  // Where a server lacks a type, its nearest.
  const std::map<std::string, std::string> nearest{
      {"wildcard", "keyword"}, {"match_only_text", "text"}, {"constant_keyword", "keyword"}};
  size_t compared = 0;
  for (const auto& [name, type] : mapped) {
    const bool own = name.starts_with("auditd.") || name.starts_with("acct.") || name.starts_with("actabeat.");
    if (own || name == "labels") continue;
    ASSERT_TRUE(types.contains(name)) << name << " is mapped, but no field of ECS";
    const auto near = nearest.find(types[name]);
    EXPECT_TRUE(type == types[name] || (near != nearest.end() && type == near->second)) << name << " is " << type;
    ++compared;
  }
  EXPECT_GT(compared, 150u);
  for (uint16_t i = 0; i < kFieldCount; ++i) {
    const FieldInfo& field = field_info(FieldId{i});
    if (field.type == FieldType::map || field.type == FieldType::objects) continue;
    EXPECT_TRUE(mapped.contains(std::string(field.name))) << field.name;
  }
}

INSTANTIATE_TEST_SUITE_P(OpenSearch, TemplatesTest, testing::Values(ServerKind::opensearch));
INSTANTIATE_TEST_SUITE_P(ElasticsearchSecure, TemplatesTest, testing::Values(ServerKind::elasticsearch_secure));

}  // namespace
}  // namespace acta
