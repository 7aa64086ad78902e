#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "client/elastic_client.h"
#include "outputs/elasticsearch.h"
#include "outputs/elasticsearch/request_name.h"
#include "support/elastic_output.h"
#include "support/fake_elastic.h"
#include "support/raw_server.h"

namespace acta {
namespace {

using test::count;
using test::elastic_documents;
using test::elastic_output;
using test::FakeElastic;
using test::send_all;

constexpr const char* kStream = "logs-actabeat.audit-default";

/// What a fake server answers to a bulk in place of the right answer.
FakeElastic::Hook answer(int status, const std::string& body, const std::string& header = {}) {
  return [=](const httplib::Request&, httplib::Response& response) {
    response.status = status;
    if (!header.empty()) response.set_header("Retry-After", header);
    response.set_content(body, "application/json");
    return true;
  };
}

class ElasticsearchOutputTest : public testing::Test {
 protected:
  std::unique_ptr<Output> make(std::map<std::string, std::string> given = {}) {
    given.emplace("hosts", "[\"" + elastic_.url() + "\"]");
    auto output = elastic_output(given);
    EXPECT_TRUE(output->connect());
    return output;
  }
  /// Expects that nothing was taken for delivered, and returns what was said.
  static std::string expect_all_retried(const Attempt& attempt, size_t documents) {
    EXPECT_EQ(count(attempt, Fate::retry), documents);
    EXPECT_EQ(attempt.fate.size(), documents);
    EXPECT_FALSE(attempt.why.empty());
    return attempt.why;
  }
  void expect_each_once(size_t documents) {
    const auto ids = elastic_.ids(kStream);
    EXPECT_EQ(ids.size(), documents);
    for (const auto& [id, times] : ids) EXPECT_EQ(times, 1) << id;
  }

  FakeElastic elastic_;
  std::set<std::string> seen_;  // streams
};

TEST_F(ElasticsearchOutputTest, CreatesWithOurIds) {
  const auto output = make();
  const Attempt attempt = send_all(*output, elastic_documents(0, 3));
  EXPECT_EQ(count(attempt, Fate::accepted), 3u) << attempt.why;
  EXPECT_EQ(elastic_.streams(), std::vector<std::string>{kStream});
  EXPECT_EQ(elastic_.last_bulk(),
            "{\"create\":{\"_index\":\"logs-actabeat.audit-default\",\"_id\":\"id-0\"}}\n"
            "{\"@timestamp\":\"2026-11-24T12:00:00.000Z\",\"n\":0}\n"
            "{\"create\":{\"_index\":\"logs-actabeat.audit-default\",\"_id\":\"id-1\"}}\n"
            "{\"@timestamp\":\"2026-11-24T12:00:00.000Z\",\"n\":1}\n"
            "{\"create\":{\"_index\":\"logs-actabeat.audit-default\",\"_id\":\"id-2\"}}\n"
            "{\"@timestamp\":\"2026-11-24T12:00:00.000Z\",\"n\":2}\n");
  EXPECT_EQ(elastic_.last_encoding(), "gzip");
  EXPECT_EQ(elastic_.last_target().substr(0, 30), "/_bulk?filter_path=items.*._id");
  EXPECT_EQ(count(send_all(*output, elastic_documents(0, 5)), Fate::accepted), 5u) << "a conflict is a success";
  expect_each_once(5);
}

TEST_F(ElasticsearchOutputTest, LargeGroups) {
  const auto output = make({{"compression_level", "0"}});
  EXPECT_EQ(count(send_all(*output, elastic_documents(0, 20'000)), Fate::accepted), 20'000u);
  EXPECT_EQ(elastic_.last_encoding(), "");
  const auto packed = make();
  EXPECT_EQ(count(send_all(*packed, elastic_documents(20'000, 20'000)), Fate::accepted), 20'000u);
  expect_each_once(40'000);
}

TEST_F(ElasticsearchOutputTest, WholeRequestsThatAreRefused) {
  const auto output = make({{"dedupe", "off"}});
  const Batch docs = elastic_documents(0, 4);
  struct Row {
    int status;
    const char* body;
    const char* says;
  };
  for (const Row& row : std::initializer_list<Row>{
           {400, R"({"error":{"type":"illegal_argument_exception","reason":"no"}})", "illegal_argument_exception: no"},
           {401, R"({"error":{"type":"security_exception","reason":"unable"}})", "username and password, or api_key"},
           {403, R"({"error":{"type":"security_exception","reason":"no"}})", "lack a privilege"},
           {404, "<html>nothing here</html>", "HTTP 404: <html>nothing here"},
           {405, "", "HTTP 405"},
           {429, R"({"error":{"type":"es_rejected_execution_exception","reason":"full"}})", "full; the server is busy"},
           {500, R"({"error":"broken"})", "HTTP 500: broken"},
           {502, "<html>Bad Gateway</html>", "Bad Gateway"},
           {503, R"({"error":{"type":"cluster_block_exception","reason":"no master"}})", "no master"},
           {301, "", "HTTP 301"},
           {207, "{}", "HTTP 207"},
       }) {
    SCOPED_TRACE(row.status);
    elastic_.before_bulk(answer(row.status, row.body));
    const Attempt attempt = send_all(*output, docs);
    const std::string why = expect_all_retried(attempt, 4);
    EXPECT_NE(why.find(row.says), std::string::npos) << why;
    EXPECT_FALSE(attempt.too_large);
  }
  elastic_.before_bulk({});
  EXPECT_EQ(count(send_all(*output, docs), Fate::accepted), 4u);
}

TEST_F(ElasticsearchOutputTest, TooLargeIsSaid) {
  const auto output = make();
  elastic_.before_bulk(answer(413, ""));
  const Attempt attempt = send_all(*output, elastic_documents(0, 2));
  EXPECT_TRUE(attempt.too_large);
  EXPECT_NE(attempt.why.find("http.max_content_length"), std::string::npos) << attempt.why;
}

TEST_F(ElasticsearchOutputTest, TheServersWishToWait) {
  const auto output = make();
  elastic_.before_bulk(answer(429, "", "11"));
  EXPECT_EQ(send_all(*output, elastic_documents(0, 1)).retry_after, 11 * kSecond);
}

TEST_F(ElasticsearchOutputTest, FatesOfSingleDocuments) {
  const auto output = make();
  elastic_.before_bulk(answer(200, R"({"took":1,"errors":true,"items":[
    {"create":{"_index":"x","_id":"id-0","_version":1,"result":"created","_shards":{"total":2},"status":201}},
    {"create":{"_id":"id-1","status":409,"error":{"type":"version_conflict_engine_exception","reason":"there"}}},
    {"create":{"_id":"id-2","status":400,"error":{"type":"document_parsing_exception","reason":"[1:9] failed",
      "caused_by":{"type":"illegal_argument_exception","reason":"For input string","caused_by":{"reason":"deep"}}}}},
    {"create":{"_id":"id-3","status":429,"error":{"type":"es_rejected_execution_exception","reason":"full"}}},
    {"create":{"_id":"id-4","status":400,"error":{"type":"something_new","reason":"?"}}}
  ],"ingest_took":[[[{"a":{"status":7}}]]]})"));
  const Attempt attempt = send_all(*output, elastic_documents(0, 5));
  using enum Fate;
  EXPECT_EQ(attempt.fate, (std::vector<Fate>{accepted, accepted, rejected, retry, retry}));
  ASSERT_EQ(attempt.reasons.size(), 1u);
  EXPECT_EQ(attempt.reasons[0].at, 2u);
  EXPECT_EQ(attempt.reasons[0].why, "document_parsing_exception: [1:9] failed: For input string");
  EXPECT_EQ(attempt.why, "es_rejected_execution_exception: full");
}

TEST_F(ElasticsearchOutputTest, RepliesThatCannotBeBelieved) {
  const std::string good =
      R"({"items":[{"create":{"_id":"id-0","status":201}},{"create":{"_id":"id-1","status":201}}]})";
  const std::string deep(200'000, '[');
  struct Row {
    const char* name;
    std::string body;
    const char* says;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"empty", "", "not JSON"},
           {"a page", "<html>login</html>", "not JSON"},
           {"cut off", good.substr(0, good.size() - 20), "not JSON"},
           {"more behind", good + "x", "not JSON"},
           {"another object", R"({"acknowledged":true})", "no items"},
           {"fewer", R"({"items":[{"create":{"_id":"id-0","status":201}}]})", "1 documents, 2 were sent"},
           {"more", good.substr(0, good.size() - 2) + R"(,{"create":{"_id":"id-2","status":201}}]})",
            "other documents"},
           {"other ids", R"({"items":[{"create":{"_id":"a","status":201}},{"create":{"_id":"b","status":201}}]})",
            "other documents"},
           {"swapped", R"({"items":[{"create":{"_id":"id-1","status":201}},{"create":{"_id":"id-0","status":201}}]})",
            "other documents"},
           {"no ids", R"({"items":[{"create":{"status":201}},{"create":{"status":201}}]})", "no _id"},
           {"no status", R"({"items":[{"create":{"_id":"id-0"}},{"create":{"_id":"id-1"}}]})", "no status"},
           {"other verbs", R"({"items":[{"index":{"_id":"id-0","status":201}}]})", "not of a create"},
           {"deep", deep, "not JSON"},
           {"items deep", R"({"items":)" + deep, "not of a create"},
       }) {
    SCOPED_TRACE(row.name);
    FakeElastic elastic;
    const auto output = make({{"hosts", "[\"" + elastic.url() + "\"]"}});
    elastic.after_bulk(answer(200, row.body));
    const std::string why = expect_all_retried(send_all(*output, elastic_documents(0, 2)), 2);
    EXPECT_NE(why.find(row.says), std::string::npos) << why;
    elastic.after_bulk({});
    elastic.rollover(kStream);
    ASSERT_TRUE(output->connect());
    EXPECT_EQ(count(send_all(*output, elastic_documents(0, 2)), Fate::accepted), 2u);
    EXPECT_EQ(elastic.documents(), 2u);
  }
}

TEST_F(ElasticsearchOutputTest, NotTwiceOverARolloverInBetween) {
  const auto output = make();
  const Batch docs = elastic_documents(0, 3000);
  elastic_.after_bulk(answer(504, ""));
  expect_all_retried(send_all(*output, docs), 3000);
  elastic_.after_bulk({});
  elastic_.rollover(kStream);
  ASSERT_TRUE(output->connect());
  EXPECT_EQ(count(send_all(*output, docs), Fate::accepted), 3000u);
  expect_each_once(3000);
}

TEST_F(ElasticsearchOutputTest, OnlyWhatIsMissingIsCreated) {
  const auto output = make();
  ASSERT_EQ(count(send_all(*output, elastic_documents(0, 50)), Fate::accepted), 50u);
  elastic_.rollover(kStream);
  elastic_.rollover(kStream);
  const auto after_a_start = make();
  EXPECT_EQ(count(send_all(*after_a_start, elastic_documents(0, 80)), Fate::accepted), 80u);
  expect_each_once(80);
  const std::string body = elastic_.last_bulk();
  EXPECT_EQ(std::count(body.begin(), body.end(), '\n'), 60);
}

TEST_F(ElasticsearchOutputTest, WaitsForEarlierRequestsOfThisHost) {
  const auto output = make();
  elastic_.at_work(RequestName(1).header().substr(13));
  EXPECT_EQ(count(send_all(*output, elastic_documents(0, 2)), Fate::accepted), 2u)
      << "of another output of this process";
  std::string earlier = RequestName(1).header().substr(13);
  earlier.insert(earlier.rfind('/'), "0");
  elastic_.at_work(earlier);
  const Attempt attempt = send_all(*output, elastic_documents(2, 2));
  EXPECT_NE(expect_all_retried(attempt, 2).find("still at work"), std::string::npos);
  EXPECT_TRUE(attempt.retry_after);
  elastic_.at_work("actabeat/another-host/1/2");
  EXPECT_EQ(count(send_all(*output, elastic_documents(2, 2)), Fate::accepted), 2u);
}

TEST_F(ElasticsearchOutputTest, OffAndAlways) {
  const auto off = make({{"dedupe", "off"}});
  send_all(*off, elastic_documents(0, 10));
  elastic_.rollover(kStream);
  send_all(*off, elastic_documents(0, 10));
  EXPECT_EQ(elastic_.documents(), 20u) << "that is what off means";
  EXPECT_EQ(elastic_.searches(), 0u);
  const auto always = make({{"dedupe", "always"}});
  for (size_t round = 1; round <= 3; ++round) {
    send_all(*always, elastic_documents(100, 10));
    elastic_.rollover(kStream);
    EXPECT_EQ(elastic_.searches(), round);
  }
  EXPECT_EQ(elastic_.documents(), 30u);
}

TEST_F(ElasticsearchOutputTest, ALookUpThatFailsCreatesNothing) {
  struct Row {
    int status;
    const char* body;
    const char* says;
  };
  for (const Row& row : std::initializer_list<Row>{
           {403, R"({"error":{"type":"security_exception","reason":"no"}})", "read and maintenance"},
           {503, "", "HTTP 503"},
           {200, R"({"timed_out":true,"_shards":{"failed":0},"hits":{"total":{"value":0}}})", "not a whole answer"},
           {200, R"({"timed_out":false,"_shards":{"failed":1},"hits":{"total":{"value":0}}})", "cannot refresh all"},
           {200, R"({"_shards":{"failed":0}})", "not a whole answer"},
           {200, "garbage", "cannot refresh"},
       }) {
    SCOPED_TRACE(row.body);
    const auto output = make();
    send_all(*make({{"dedupe", "off"}}), elastic_documents(900, 1));
    elastic_.before_search(answer(row.status, row.body));
    const size_t before = elastic_.documents();
    const std::string why = expect_all_retried(send_all(*output, elastic_documents(0, 2)), 2);
    EXPECT_NE(why.find(row.says), std::string::npos) << why;
    EXPECT_EQ(elastic_.documents(), before);
    elastic_.before_search({});
  }
}

TEST_F(ElasticsearchOutputTest, RejectedDocumentsInAnIndexOfTheirOwn) {
  const auto output = make({{"dead_letter_index", "dead"}});
  Batch docs = elastic_documents(0, 2);
  docs.add({.timestamp = 1'764'000'000 * kSecond, .id = "bad", .dataset = "actabeat.audit", .key = "h"}, "{\"a\":");
  const Attempt attempt = send_all(*output, docs);
  using enum Fate;
  EXPECT_EQ(attempt.fate, (std::vector<Fate>{accepted, accepted, rejected}));
  ASSERT_EQ(attempt.reasons.size(), 1u);
  EXPECT_TRUE(attempt.reasons[0].kept);
  EXPECT_EQ(elastic_.ids("dead").count("bad"), 1u);
  EXPECT_EQ(elastic_.last_bulk(),
            "{\"create\":{\"_index\":\"dead\",\"_id\":\"bad\"}}\n"
            "{\"@timestamp\":\"2025-11-24T16:00:00.000Z\",\"message\":\"{\\\"a\\\":\",\"error\":{\"message\":"
            "\"document_parsing_exception: [1:1] failed to parse: no JSON\"},\"event\":{\"kind\":\"pipeline_error\","
            "\"id\":\"bad\",\"dataset\":\"actabeat.audit\"}}\n");

  elastic_.before_bulk([](const httplib::Request& request, httplib::Response& response) {
    if (request.body.find("\"dead\"") == std::string::npos) return false;
    response.status = 503;
    return true;
  });
  Batch other;
  other.add({.timestamp = 1, .id = "worse", .dataset = "actabeat.audit", .key = "h"}, "[");
  const Attempt later = send_all(*output, other);
  EXPECT_EQ(later.fate, std::vector<Fate>{retry}) << "it is nowhere yet";
  EXPECT_EQ(later.why, "dead_letter_index dead: HTTP 503");
}

TEST_F(ElasticsearchOutputTest, AnIdThatNoServerTakesHoldsUpNothing) {
  const auto output = make();
  Batch docs = elastic_documents(0, 1);
  docs.add({.timestamp = 1, .id = std::string(600, 'x'), .dataset = "actabeat.audit", .key = "h"}, "{}");
  docs.add({.timestamp = 1, .id = "id-\"\n1", .dataset = "actabeat.audit", .key = "h"}, "{\n\"a\": 1\n}");
  const Attempt attempt = send_all(*output, docs);
  using enum Fate;
  EXPECT_EQ(attempt.fate, (std::vector<Fate>{accepted, rejected, accepted})) << attempt.why;
  EXPECT_EQ(elastic_.documents(), 2u);
}

TEST_F(ElasticsearchOutputTest, Names) {
  const auto send = [&](std::map<std::string, std::string> given) {
    const auto output = make(std::move(given));
    Batch docs;
    docs.add({.timestamp = 1'764'000'000 * kSecond,
              .id = "1",
              .dataset = "actabeat.audit",
              .key = "h",
              .routes = std::string_view("event.category\0File Access/../*\0", 32)},
             "{}");
    docs.add({.timestamp = 0, .id = "2", .dataset = "actabeat.accounting", .key = "h"}, "{}");
    EXPECT_EQ(count(send_all(*output, docs), Fate::accepted), 2u);
    std::vector<std::string> names;
    for (const std::string& name : elastic_.streams()) {
      if (elastic_.ids(name).size() == 1 && seen_.insert(name).second) names.push_back(name);
    }
    return names;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(send({{"namespace", "prod"}}), (Names{"logs-actabeat.accounting-prod", "logs-actabeat.audit-prod"}));
  EXPECT_EQ(send({{"namespace", "b"}, {"compat", "auditd_manager"}}),
            (Names{"logs-actabeat.accounting-b", "logs-auditd_manager.auditd-b"}));
  EXPECT_EQ(send({{"namespace", "c"}, {"compat", "auditbeat"}}),
            (Names{"auditbeat-actabeat-c", "logs-actabeat.accounting-c"}));
  EXPECT_EQ(send({{"index", "x-%{[event.category]}-%{+yyyy.MM}"}}),
            (Names{"x-file_access_..__-2025.11", "x-none-1970.01"}));
  EXPECT_EQ(send({{"index", "y-%{[event.category]:other}-%{[agent.version]}"}}),
            (Names{"y-file_access_..__-" ACTA_VERSION, "y-other-" ACTA_VERSION}));
}

TEST_F(ElasticsearchOutputTest, WhatIsNoNameIsRefusedAtTheStart) {
  const auto bad = [&](const std::string& key, const std::string& value) {
    auto settings = make_settings(Registry<Output>::find("elasticsearch")->options,
                                  {{"hosts", "[\"http://localhost\"]"}, {key, value}});
    if (!settings) return settings.error().what;
    auto made = Registry<Output>::find("elasticsearch")->make(*settings);
    return made ? std::string() : made.error().what;
  };
  EXPECT_NE(bad("index", "Logs"), "");
  EXPECT_NE(bad("index", "logs-*"), "");
  EXPECT_NE(bad("index", "-logs"), "");
  EXPECT_NE(bad("index", "logs-%{[a}"), "");
  EXPECT_NE(bad("index", "logs-%{+YYYY}"), "");
  EXPECT_NE(bad("index", "logs-%{[a]"), "");
  EXPECT_NE(bad("namespace", "a-b"), "");
  EXPECT_NE(bad("namespace", "A"), "");
  EXPECT_EQ(bad("index", "logs-%{[Event.X]}-%{+yyyy.MM.dd}"), "");
  EXPECT_EQ(elastic_output({{"hosts", "[a]"}, {"index", "l-%{[event.category]}-%{[event.dataset]}"}})->fields(),
            std::vector<std::string>{"event.category"});
}

TEST_F(ElasticsearchOutputTest, ZstdWhereItIsTaken) {
  elastic_.says_it_is("opensearch", "3.8.0");
  const auto output = make({{"compression", "zstd"}, {"dedupe", "off"}});
  elastic_.before_bulk([](const httplib::Request& request, httplib::Response& response) {
    if (request.get_header_value("Content-Encoding") != "zstd") return false;
    response.status = 400;
    return true;
  });
  expect_all_retried(send_all(*output, elastic_documents(0, 2)), 2);
  EXPECT_EQ(count(send_all(*output, elastic_documents(0, 2)), Fate::accepted), 2u);
  EXPECT_EQ(elastic_.last_encoding(), "gzip");
}

// A zstd body ends a node of OpenSearch 2.19.
TEST_F(ElasticsearchOutputTest, ZstdIsNotTriedOnOthers) {
  size_t sent = 0;
  for (const auto& [distribution, version] : std::vector<std::pair<std::string, std::string>>{
           {"opensearch", "2.19.6"}, {"opensearch", "1.3.20"}, {"opensearch", "7.10.2"}, {"", "9.5.3"}}) {
    elastic_.says_it_is(distribution, version);
    const auto output = make({{"compression", "zstd"}, {"dedupe", "off"}});
    EXPECT_EQ(count(send_all(*output, elastic_documents(sent, 2)), Fate::accepted), 2u);
    sent += 2;
    EXPECT_EQ(elastic_.last_encoding(), "gzip") << distribution << version;
    EXPECT_EQ(elastic_.bulks(), sent / 2) << "at the first attempt";
  }
}

TEST_F(ElasticsearchOutputTest, HostsByTurnsAndTheNextWhenOneIsGone) {
  FakeElastic other;
  const std::string both = "[\"" + elastic_.url() + "\", \"" + other.url() + "\"]";
  const auto turns = make({{"hosts", both}, {"dedupe", "off"}});
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(count(send_all(*turns, elastic_documents(i, 1)), Fate::accepted), 1u);
  EXPECT_EQ(elastic_.bulks(), 3u);
  EXPECT_EQ(other.bulks(), 3u);

  const auto sticks = make({{"hosts", both}, {"dedupe", "off"}, {"loadbalance", "false"}});
  for (size_t i = 10; i < 14; ++i) EXPECT_EQ(count(send_all(*sticks, elastic_documents(i, 1)), Fate::accepted), 1u);
  EXPECT_EQ(elastic_.bulks(), 7u);

  int closed = 0;
  {
    closed = test::RawServer([](int) {}).port();
  }
  const std::string dead = "[\"http://127.0.0.1:" + std::to_string(closed) + "\", \"" + other.url() + "\"]";
  const auto fails_over = make({{"hosts", dead}, {"dedupe", "off"}});
  for (size_t i = 20; i < 24; ++i)
    EXPECT_EQ(count(send_all(*fails_over, elastic_documents(i, 1)), Fate::accepted), 1u) << "nothing was sent: no wait";
  EXPECT_EQ(other.bulks(), 7u);
}

TEST_F(ElasticsearchOutputTest, ConnectSaysWhoIsThere) {
  test::FakeServer other([](const httplib::Request& request, httplib::Response& response) {
    if (request.has_header("Authorization")) response.status = 401;
    response.set_content("<html>Welcome to nginx</html>", "text/html");
  });
  const auto no_elastic = elastic_output({{"hosts", "[\"" + other.url() + "\"]"}})->connect();
  ASSERT_FALSE(no_elastic);
  EXPECT_NE(no_elastic.error().what.find("is not Elasticsearch or OpenSearch; it says: <html>Welcome"),
            std::string::npos)
      << no_elastic.error().what;
  const auto denied =
      elastic_output({{"hosts", "[\"" + other.url() + "\"]"}, {"username", "me"}, {"password", "hush"}})->connect();
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, Errc::denied);
  EXPECT_EQ(denied.error().what.find("hush"), std::string::npos);
}

}  // namespace
}  // namespace acta
