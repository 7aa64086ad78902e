// The output against real servers: each document exactly once, whatever happens to the server.
#include <gtest/gtest.h>

#include <thread>

#include "outputs/elasticsearch.h"
#include "support/child.h"
#include "support/elastic_output.h"
#include "support/elastic_scan.h"
#include "support/fault_proxy.h"
#include "support/shared.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

using test::count;
using test::elastic_documents;
using test::elastic_output;
using test::ElasticAdmin;
using test::FaultProxy;
using test::send_all;
using test::Server;
using test::ServerKind;

std::unique_ptr<Output> output_to(const Server& server, const std::string& stream,
                                  std::map<std::string, std::string> given = {}) {
  for (const auto& [key, value] : test::elastic_settings_of(server)) given.emplace(key, value);
  given.emplace("index", stream);
  return elastic_output(given);
}

/// Sends until each document has a final fate, as the runner does. Gives the first reason that was said.
std::string deliver(Output& output, const Batch& docs, int milliseconds_max = 60'000) {
  const SystemClock clock;
  const Nanos until = clock.monotonic() + milliseconds_max * kMillisecond;
  std::string first;
  Batch left;
  for (size_t i = 0; i < docs.size(); ++i) left.add(docs[i].meta, docs[i].json);
  while (!left.empty() && clock.monotonic() < until) {
    Batch again;
    Nanos wait = 10 * kMillisecond;
    if (auto connected = output.connect(); !connected) {
      if (first.empty()) first = connected.error().what;
      std::swap(again, left);
    } else {
      const Attempt attempt = send_all(output, left);
      if (first.empty()) first = attempt.why;
      for (size_t i = 0; i < left.size(); ++i) {
        EXPECT_NE(attempt.fate[i], Fate::rejected) << attempt.why;
        if (attempt.fate[i] == Fate::retry) again.add(left[i].meta, left[i].json);
      }
      wait = std::max(wait, attempt.retry_after.value_or(0));
    }
    if (!again.empty()) std::this_thread::sleep_for(std::chrono::nanoseconds(wait));
    left = std::move(again);
  }
  EXPECT_TRUE(left.empty()) << left.size() << " documents were not delivered: " << first;
  return first;
}

void expect_each_once(ElasticAdmin& admin, const std::string& stream, size_t documents) {
  const auto ids = admin.scan(stream);
  EXPECT_EQ(ids.size(), documents);
  size_t doubled = 0;
  for (const auto& [id, times] : ids) doubled += times == 1 ? 0 : 1;
  EXPECT_EQ(doubled, 0u);
}

class ElasticsearchOutputServer : public testing::TestWithParam<ServerKind> {};
INSTANTIATE_TEST_SUITE_P(OpenSearch, ElasticsearchOutputServer, testing::Values(ServerKind::opensearch));
INSTANTIATE_TEST_SUITE_P(OpenSearchSecure, ElasticsearchOutputServer, testing::Values(ServerKind::opensearch_secure));
INSTANTIATE_TEST_SUITE_P(ElasticsearchSecure, ElasticsearchOutputServer,
                         testing::Values(ServerKind::elasticsearch_secure));

TEST_P(ElasticsearchOutputServer, SentThreeTimesOverRolloversIsThereOnce) {
  NEEDS_SERVER(server, GetParam());
  ElasticAdmin admin(server);
  admin.make_streams("once");
  for (int round = 0; round < 3; ++round) {
    const auto output = output_to(server, "once-a");
    for (size_t from = 0; from < 5000; from += 1000) deliver(*output, elastic_documents(from, 1000));
    admin.rollover("once-a");
    const auto later = output_to(server, "once-a");
    for (size_t from = 0; from < 3000; from += 500) {
      deliver(*later, elastic_documents(from, 500));
      if (from == 1000) admin.rollover("once-a");
    }
  }
  expect_each_once(admin, "once-a", 5000);
}

TEST_P(ElasticsearchOutputServer, EachRejectionIsTheDocuments) {
  NEEDS_SERVER(server, GetParam());
  ElasticAdmin admin(server);
  admin.ask("PUT", "/rejects",
            R"({"settings":{"index.mapping.total_fields.limit":10,"number_of_replicas":0},"mappings":{"properties":{)"
            R"("n":{"type":"long"},"ip":{"type":"ip"},"o":{"properties":{"a":{"type":"keyword"}}},)"
            R"("s":{"dynamic":"strict","properties":{"a":{"type":"keyword"}}},"k":{"type":"keyword"}}}})");
  const auto output = output_to(server, "rejects");
  ASSERT_TRUE(output->connect());
  struct Row {
    std::string id, json;
    Fate fate;
  };
  using enum Fate;
  const std::vector<Row> rows = {{"good", R"({"n":1})", accepted},
                                 {"word", R"({"n":"EACCES"})", rejected},
                                 {"ip", R"({"ip":"localhost"})", rejected},
                                 {"object", R"({"o":"text"})", rejected},
                                 {"scalar", R"({"n":{"a":1}})", rejected},
                                 {"strict", R"({"s":{"b":1}})", rejected},
                                 {"broken", R"({"n":)", rejected},
                                 {"immense", R"({"k":")" + std::string(40'000, 'x') + "\"}", rejected},
                                 {std::string(513, 'i'), R"({"n":2})", rejected},
                                 {"good", R"({"n":1})", accepted},
                                 {"control\x01 \x1b \x7f \xc2\x80", R"({"n":3})", accepted}};
  Batch docs;
  for (const Row& row : rows) docs.add({.timestamp = 1, .id = row.id, .dataset = "d", .key = "h"}, row.json);
  const Attempt attempt = send_all(*output, docs);
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(attempt.fate[i], rows[i].fate) << rows[i].id << attempt.why;
  for (const Reason& reason : attempt.reasons) EXPECT_FALSE(reason.why.empty());
}

TEST_P(ElasticsearchOutputServer, BlocksAreWaitedOut) {
  NEEDS_SERVER(server, GetParam());
  ElasticAdmin admin(server);
  admin.make_streams("blocks");
  const auto output = output_to(server, "blocks-a");
  deliver(*output, elastic_documents(0, 10));
  size_t sent = 10;
  for (const char* block : {"index.blocks.write", "index.blocks.read_only", "index.blocks.read_only_allow_delete"}) {
    SCOPED_TRACE(block);
    admin.ask("PUT", "/blocks-a/_settings", "{\"" + std::string(block) + "\":true}");
    const Attempt attempt = send_all(*output, elastic_documents(sent, 10));
    EXPECT_EQ(count(attempt, Fate::retry), 10u);
    EXPECT_NE(attempt.why.find("cluster_block_exception"), std::string::npos) << attempt.why;
    admin.ask("PUT", "/blocks-a/_settings", "{\"" + std::string(block) + "\":null}");
    deliver(*output, elastic_documents(sent, 10));
    sent += 10;
  }
  admin.ask("PUT", "/_cluster/settings", R"({"persistent":{"cluster.max_shards_per_node":1}})");
  const auto other = output_to(server, "blocks-b", {{"dedupe", "off"}});
  ASSERT_TRUE(other->connect());
  const Attempt attempt = send_all(*other, elastic_documents(0, 5));
  EXPECT_EQ(count(attempt, Fate::retry), 5u) << "too many shards";
  EXPECT_NE(attempt.why.find("cluster.max_shards_per_node"), std::string::npos) << attempt.why;
  admin.ask("PUT", "/_cluster/settings", R"({"persistent":{"cluster.max_shards_per_node":null}})");
  deliver(*other, elastic_documents(0, 5));
  expect_each_once(admin, "blocks-a", sent);
}

TEST_P(ElasticsearchOutputServer, AClosedIndexIsWaitedFor) {
  NEEDS_SERVER(server, GetParam());
  ElasticAdmin admin(server);
  admin.ask("PUT", "/closes", R"({"settings":{"number_of_replicas":0}})");
  admin.ask("POST", "/closes/_close");
  const auto output = output_to(server, "closes", {{"dedupe", "off"}});
  ASSERT_TRUE(output->connect());
  const Attempt attempt = send_all(*output, elastic_documents(0, 5));
  EXPECT_EQ(count(attempt, Fate::retry), 5u) << attempt.why;
  admin.ask("POST", "/closes/_open?wait_for_active_shards=1");
  deliver(*output, elastic_documents(0, 5));
  expect_each_once(admin, "closes", 5);
}

TEST_P(ElasticsearchOutputServer, BothCompressions) {
  NEEDS_SERVER(server, GetParam());
  ElasticAdmin admin(server);
  const bool takes_zstd = GetParam() != ServerKind::elasticsearch_secure;
  for (const char* compression : {"gzip", "zstd"}) {
    const auto output = output_to(server, "packed", {{"compression", compression}, {"dedupe", "off"}});
    const std::string why = deliver(*output, elastic_documents(0, 1000));
    EXPECT_TRUE(why.empty() || !takes_zstd) << compression << ": " << why;
  }
  expect_each_once(admin, "packed", 1000);
}

TEST_P(ElasticsearchOutputServer, WhoIsNotLetInIsToldSo) {
  NEEDS_SERVER(server, GetParam());
  if (!server.secure()) GTEST_SKIP() << "this server lets everybody in";
  const auto why = [&](std::map<std::string, std::string> given) {
    const auto output = output_to(server, "denied-a", std::move(given));
    if (auto connected = output->connect(); !connected) return connected.error().what;
    const Attempt attempt = send_all(*output, elastic_documents(0, 3));
    EXPECT_EQ(count(attempt, Fate::retry), 3u);
    return attempt.why;
  };
  const std::string wrong = why({{"password", "not-this-one"}});
  EXPECT_NE(wrong.find("username and password"), std::string::npos) << wrong;
  EXPECT_EQ(wrong.find("not-this-one"), std::string::npos) << wrong;
  const std::string nobody = why({{"username", "nobody"}, {"dedupe", "off"}});
  EXPECT_NE(nobody.find("privilege"), std::string::npos) << nobody;
  const std::string nobody_looks = why({{"username", "nobody"}});
  EXPECT_NE(nobody_looks.find("privilege"), std::string::npos) << nobody_looks;
  const std::string unknown = why({{"ssl.certificate_authorities", ""}});
  EXPECT_NE(unknown.find("ssl.certificate_authorities"), std::string::npos) << unknown;
  const std::string port = std::to_string(server.port());
  const std::string plain = why({{"hosts", "[\"http://127.0.0.1:" + port + "\"]"}});
  EXPECT_NE(plain.find("https://"), std::string::npos) << plain;
  const std::string name = why({{"hosts", "[\"https://other.localhost:" + port + "\"]"}});
  EXPECT_NE(name.find("use a host name that the server's certificate has"), std::string::npos) << name;
}

TEST_P(ElasticsearchOutputServer, AnApiKeyWithoutThePrivilege) {
  NEEDS_SERVER(server, GetParam());
  if (GetParam() != ServerKind::elasticsearch_secure) GTEST_SKIP() << "only Elasticsearch has API keys";
  ElasticAdmin admin(server);
  admin.make_streams("keys");
  const auto key = [&](const std::string& privileges) {
    const std::string reply =
        admin.ask("POST", "/_security/api_key",
                  R"({"name":"k","role_descriptors":{"r":{"cluster":["monitor"],"index":[{"names":["keys-*"],)"
                  R"("privileges":[)" +
                      privileges + "]}]}}}");
    const size_t at = reply.find("\"encoded\":\"") + 11;
    return reply.substr(at, reply.find('"', at) - at);
  };
  const auto with = [&](const std::string& encoded, const char* dedupe) {
    return elastic_output({{"hosts", "[\"" + server.address() + "\"]"},
                           {"ssl.certificate_authorities", "[\"" + server.tls_file("ca.pem") + "\"]"},
                           {"api_key", encoded},
                           {"index", "keys-a"},
                           {"dedupe", dedupe}});
  };
  const auto reads = with(key(R"("read")"), "off");
  ASSERT_TRUE(reads->connect());
  const Attempt refused = send_all(*reads, elastic_documents(0, 3));
  EXPECT_EQ(count(refused, Fate::retry), 3u);
  EXPECT_NE(refused.why.find("privilege"), std::string::npos) << refused.why;
  const std::string writer = key(R"("create_doc","auto_configure")");
  deliver(*with(writer, "off"), elastic_documents(0, 3));
  const auto looks = with(writer, "in_doubt");
  ASSERT_TRUE(looks->connect());
  const Attempt doubtful = send_all(*looks, elastic_documents(0, 3));
  EXPECT_EQ(count(doubtful, Fate::retry), 3u);
  EXPECT_NE(doubtful.why.find("read and maintenance"), std::string::npos) << doubtful.why;
  deliver(*with(key(R"("create_doc","auto_configure","read","maintenance")"), "in_doubt"), elastic_documents(0, 6));
  expect_each_once(admin, "keys-a", 6);
}

TEST_P(ElasticsearchOutputServer, KilledUnderLoad) {
  NEEDS_SERVER(server, GetParam());
  ElasticAdmin admin(server);
  admin.make_streams("killed");
  std::thread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_TRUE(server.crash());
    const auto again = server.restart();
    EXPECT_TRUE(again) << again.error().what;
  });
  const auto output = output_to(server, "killed-a");
  std::string said;
  size_t sent = 0;
  for (; sent < 100'000 && (said.empty() || sent < 2000); sent += 200) {
    const std::string why = deliver(*output, elastic_documents(sent, 200), 120'000);
    if (said.empty()) said = why;
  }
  killer.join();
  EXPECT_NE(said, "") << "the server died too late";
  admin.rollover("killed-a");
  for (size_t from = 0; from < sent; from += 1000)
    deliver(*output_to(server, "killed-a"), elastic_documents(from, std::min<size_t>(1000, sent - from)));
  expect_each_once(admin, "killed-a", sent);
}

/// With the plain server only: a proxy cannot look into TLS.
TEST(OpenSearch, BehindAProxyThatBreaksEverything) {
  NEEDS_SERVER(server, ServerKind::opensearch);
  ElasticAdmin admin(server);
  admin.make_streams("faults");
  constexpr unsigned kSeed = 7;
  std::mutex mutex;
  std::mt19937 random(kSeed);
  using Fault = FaultProxy::Fault;
  FaultProxy proxy(server.port(), [&](const std::string& line) {
    constexpr Fault kFaults[] = {Fault::reset_before, Fault::reset_after, Fault::half_reply, Fault::garbage,
                                 Fault::bad_gateway,  Fault::stall,       Fault::replay};
    const std::lock_guard lock(mutex);
    if (line.find("/_bulk") == std::string::npos) return random() % 20 == 0 ? Fault::reset_before : Fault::none;
    return random() % 2 == 0 ? kFaults[random() % std::size(kFaults)] : Fault::none;
  });
  const auto output = elastic_output({{"hosts", "[\"" + proxy.url() + "\"]"}, {"index", "faults-a"}});
  size_t sent = 0;
  for (; sent < 4000; sent += 100) {
    deliver(*output, elastic_documents(sent, 100), 120'000);
    if (sent % 500 == 0) admin.rollover("faults-a");
  }
  EXPECT_GT(proxy.faults(), 10u) << "seed " << kSeed;
  expect_each_once(admin, "faults-a", sent);
}

TEST(OpenSearch, RolledOverBetweenTheAttempts) {
  NEEDS_SERVER(server, ServerKind::opensearch);
  ElasticAdmin admin(server);
  admin.make_streams("between");
  // Each bulk request is done by the server and its reply lost, each other time; the stream is rolled over at once.
  std::atomic<int> bulks{0};
  FaultProxy proxy(server.port(), [&](const std::string& line) {
    if (line.find("/_bulk") == std::string::npos) return FaultProxy::Fault::none;
    return bulks++ % 2 == 0 ? FaultProxy::Fault::reset_after : FaultProxy::Fault::none;
  });
  const auto output = elastic_output({{"hosts", "[\"" + proxy.url() + "\"]"}, {"index", "between-a"}});
  ASSERT_TRUE(output->connect());
  for (size_t round = 0; round < 10; ++round) {
    const Batch docs = elastic_documents(round * 300, 300);
    EXPECT_EQ(count(send_all(*output, docs), Fate::retry), 300u);
    admin.rollover("between-a");
    ASSERT_TRUE(output->connect());
    // A part of them again, as after a halving, and a rollover in between.
    const SystemClock clock;
    EXPECT_EQ(count(output->send(Docs(docs.docs()).subspan(0, 100), clock.monotonic() + 10 * kSecond), Fate::accepted),
              100u);
    admin.rollover("between-a");
    EXPECT_EQ(
        count(output->send(Docs(docs.docs()).subspan(100, 200), clock.monotonic() + 10 * kSecond), Fate::accepted),
        200u);
    const Batch fresh = elastic_documents(10'000 + round * 10, 10);
    deliver(*output, fresh);
  }
  expect_each_once(admin, "between-a", 3100);
}

TEST(OpenSearch, PressureAndSizeOfRequests) {
  auto started =
      Server::start(ServerKind::opensearch, {"indexing_pressure.memory.limit=20kb", "http.max_content_length=60kb"});
  if (!started && test::servers_are_required()) FAIL() << started.error().what;
  if (!started) GTEST_SKIP() << "LOUD SKIP: no server to test against: " << started.error().what;
  const Server& server = **started;
  const auto output = output_to(server, "pressed", {{"dedupe", "off"}, {"compression_level", "0"}});
  ASSERT_TRUE(output->connect());
  const auto documents = [](size_t count) {
    Batch docs;
    for (size_t i = 0; i < count; ++i)
      docs.add({.timestamp = 1, .id = std::to_string(i), .dataset = "d", .key = "h"},
               "{\"a\":\"" + std::string(1000, 'x') + "\"}");
    return docs;
  };
  EXPECT_EQ(count(send_all(*output, documents(5)), Fate::accepted), 5u);
  const Attempt busy = send_all(*output, documents(30));
  EXPECT_EQ(count(busy, Fate::retry), 30u) << busy.why;
  EXPECT_NE(busy.why.find("rejected_execution"), std::string::npos) << busy.why;
  EXPECT_FALSE(busy.too_large);
  const Attempt large = send_all(*output, documents(100));
  EXPECT_TRUE(large.too_large) << large.why;
  EXPECT_EQ(count(send_all(*output, documents(5)), Fate::accepted), 5u) << "it goes on after that";
}

TEST(OpenSearch, OneOfTwoHostsDies) {
  NEEDS_SERVER(server, ServerKind::opensearch);
  ElasticAdmin admin(server);
  admin.make_streams("two");
  std::atomic<bool> dead{false};
  FaultProxy other(server.port(), [&](const std::string&) {
    return dead ? FaultProxy::Fault::reset_before : FaultProxy::Fault::none;
  });
  const auto output =
      elastic_output({{"hosts", "[\"" + other.url() + "\", \"" + server.address() + "\"]"}, {"index", "two-a"}});
  for (size_t i = 0; i < 40; ++i) {
    if (i == 10) dead = true;
    if (i == 30) dead = false;
    deliver(*output, elastic_documents(i * 50, 50));
  }
  EXPECT_GT(other.faults(), 0u);
  expect_each_once(admin, "two-a", 2000);
}

}  // namespace
}  // namespace acta
