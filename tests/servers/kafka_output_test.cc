#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "outputs/output.h"
#include "support/kafka_topic.h"
#include "support/server.h"

// output.kafka against a real broker; what arrived is read back by kcat.
namespace acta {
namespace {

using Given = std::map<std::string, std::string>;
constexpr Nanos kSendWait = 30 * kSecond;

/// The time of the first document, an hour ago. A broker that has crashed forgets a producer whose records are a day
/// old (producer.id.expiration.ms counts their time), and takes doubles from it then.
int64_t first_ms() {
  static const int64_t first = SystemClock().realtime() / kMillisecond - 3'600'000;
  return first;
}

std::string id_of(int n) {
  return "id-" + std::to_string(n);
}

/// A document that no codec makes much smaller.
std::string json_of(int n, size_t bytes) {
  std::mt19937 random(static_cast<unsigned>(n));
  std::string text = "{\"n\":" + std::to_string(n) + ",\"s\":\"";
  while (text.size() + 2 < bytes) text.push_back(static_cast<char>('0' + random() % 74));
  for (char& c : text) c = c == '\\' ? '/' : c;
  return text + "\"}";
}

class Kafka : public ::testing::Test {
 protected:
  static std::unique_ptr<Output> output(Given given) {
    const Component<Output>* component = Registry<Output>::find("kafka");
    auto settings = make_settings(component->options, given);
    EXPECT_TRUE(settings) << settings.error().what;
    auto made = component->make(*settings);
    EXPECT_TRUE(made) << made.error().what;
    return std::move(*made);
  }
  /// Documents [from, to) of `hosts` hosts in turn.
  static Batch batch(int from, int to, int hosts = 1, size_t bytes = 300) {
    Batch docs;
    for (int n = from; n < to; ++n) {
      const std::string id = id_of(n), key = "host-" + std::to_string(n % hosts);
      docs.add({.timestamp = (first_ms() + n) * kMillisecond, .id = id, .dataset = "actabeat.audit", .key = key},
               json_of(n, bytes));
    }
    return docs;
  }
  Attempt send(Output& output, const Batch& docs, Nanos wait = kSendWait) {
    return output.send(docs.docs(), clock_.monotonic() + wait);
  }
  static size_t count(const Attempt& attempt, Fate fate) {
    return static_cast<size_t>(std::count(attempt.fate.begin(), attempt.fate.end(), fate));
  }
  /// As the runner does: only the refused again, until nothing is left or the time is up; their bytes stay in `docs`.
  void deliver(Output& output, const Batch& docs, std::vector<std::string>* rejected = nullptr) {
    std::vector<Doc> left = docs.docs();
    for (const Nanos end = clock_.monotonic() + 120 * kSecond; !left.empty() && clock_.monotonic() < end;) {
      if (!output.connect()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
      const Attempt attempt = output.send(left, clock_.monotonic() + 2 * kSecond);
      std::vector<Doc> rest;
      for (size_t i = 0; i < left.size(); ++i) {
        if (attempt.fate[i] == Fate::retry) rest.push_back(left[i]);
        if (attempt.fate[i] == Fate::rejected && rejected != nullptr) rejected->emplace_back(left[i].meta.id);
      }
      left = std::move(rest);
    }
    EXPECT_TRUE(left.empty()) << left.size() << " documents were not delivered in time";
  }
  static std::string topic() {
    return std::string("t-") + ::testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  SystemClock clock_;
};

TEST_F(Kafka, EachDocumentOnceInOrderWithItsHeaders) {
  NEEDS_SERVER(server, test::ServerKind::kafka);
  ASSERT_TRUE(test::make_topic(server.address(), topic(), 4));
  auto out = output({{"hosts", server.address()}, {"topic", topic()}});
  ASSERT_TRUE(out->connect());
  constexpr int kCount = 3000;
  const Batch docs = batch(0, kCount, 7);
  const Attempt attempt = send(*out, docs);
  EXPECT_EQ(count(attempt, Fate::accepted), size_t{kCount}) << attempt.why;
  const auto read = test::read_topic(server.address(), topic());
  ASSERT_EQ(read.size(), size_t{kCount});
  std::map<std::string, int> last;          // by host
  std::map<std::string, std::set<int>> of;  // partitions of a host
  std::set<std::string> seen;
  for (const test::ReadMessage& message : read) {
    const int n = static_cast<int>(message.timestamp_ms - first_ms());
    EXPECT_TRUE(seen.insert(message.value).second) << "twice: " << n;
    EXPECT_EQ(message.value, json_of(n, 300));
    EXPECT_EQ(
        message.headers,
        "content-type=application/json,ecs.version=9.4.0,data_stream.dataset=actabeat.audit,event.id=" + id_of(n));
    EXPECT_EQ(message.key, "host-" + std::to_string(n % 7));
    const auto [before, first] = last.try_emplace(message.key, n);
    EXPECT_TRUE(first || before->second < n) << "the order of a host";
    before->second = n;
    of[message.key].insert(message.partition);
  }
  for (const auto& [host, partitions] : of) EXPECT_EQ(partitions.size(), 1u) << host;
}

TEST_F(Kafka, EveryCodec) {
  NEEDS_SERVER(server, test::ServerKind::kafka);
  for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    const std::string name = topic() + "-" + codec;
    ASSERT_TRUE(test::make_topic(server.address(), name, 1));
    auto out = output({{"hosts", server.address()}, {"topic", name}, {"compression", codec}});
    ASSERT_TRUE(out->connect());
    EXPECT_EQ(count(send(*out, batch(0, 200)), Fate::accepted), 200u) << codec;
    EXPECT_EQ(test::read_topic(server.address(), name).size(), 200u) << codec;
  }
}

TEST_F(Kafka, OnlyTheDocumentThatIsTooLargeIsRejected) {
  NEEDS_SERVER(server, test::ServerKind::kafka);
  ASSERT_TRUE(test::make_topic(server.address(), topic(), 1, {{"max.message.bytes", "4000"}}));
  auto out = output({{"hosts", server.address()}, {"topic", topic()}});
  Batch docs;
  for (int n = 0; n < 60; ++n) {
    const std::string id = id_of(n);
    docs.add({.timestamp = kSecond, .id = id, .dataset = "d", .key = "h"}, json_of(n, n % 20 == 7 ? 9000 : 1000));
  }
  std::vector<std::string> rejected;
  deliver(*out, docs, &rejected);
  EXPECT_EQ(rejected, (std::vector<std::string>{id_of(7), id_of(27), id_of(47)}));
  std::set<std::string> read;
  for (const auto& message : test::read_topic(server.address(), topic())) read.insert(message.value);
  EXPECT_EQ(read.size(), 57u);
}

TEST_F(Kafka, LargerThanTheClientAllowsIsRejectedAtOnce) {
  NEEDS_SERVER(server, test::ServerKind::kafka);
  ASSERT_TRUE(test::make_topic(server.address(), topic(), 1));
  auto out = output({{"hosts", server.address()}, {"topic", topic()}, {"max_message_bytes", "2000"}});
  ASSERT_TRUE(out->connect());
  Batch docs;
  for (int n = 0; n < 3; ++n)
    docs.add({.timestamp = 1, .id = id_of(n), .dataset = "d", .key = "h"}, json_of(n, n == 1 ? 5000 : 500));
  const Attempt attempt = send(*out, docs);
  EXPECT_EQ(attempt.fate, (std::vector{Fate::accepted, Fate::rejected, Fate::accepted}));
  EXPECT_NE(attempt.why.find("too large"), std::string::npos) << attempt.why;
}

TEST_F(Kafka, ATopicThatIsMadeLater) {
  NEEDS_SERVER(server, test::ServerKind::kafka);
  auto out = output({{"hosts", server.address()}, {"topic", topic()}, {"kafka", "{allow.auto.create.topics: false}"}});
  const Result<> missing = out->connect();
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().what.find("no topic " + topic()), std::string::npos) << missing.error().what;
  ASSERT_TRUE(test::make_topic(server.address(), topic(), 1));
  deliver(*out, batch(0, 50));
  EXPECT_EQ(test::read_topic(server.address(), topic()).size(), 50u);
}

TEST_F(Kafka, TlsUsersAndWhatIsWrongWithThem) {
  NEEDS_SERVER(server, test::ServerKind::kafka);
  ASSERT_TRUE(test::make_topic(server.address(), topic(), 1));
  const std::string sasl = "localhost:" + std::to_string(server.sasl_ssl_port());
  const std::string mutual = "localhost:" + std::to_string(server.ssl_port());
  const Given plain = {{"hosts", sasl},
                       {"topic", topic()},
                       {"username", "test"},
                       {"password", test::Server::password()},
                       {"ssl.certificate_authorities", server.tls_file("ca.pem")}};
  const auto with = [](Given given, const Given& more) {
    for (const auto& [key, value] : more) given[key] = value;
    return given;
  };
  const auto delivers = [&](const Given& given) {
    auto out = output(given);
    const Result<> connected = out->connect();
    EXPECT_TRUE(connected) << connected.error().what;
    return connected && count(send(*out, batch(0, 10)), Fate::accepted) == 10;
  };
  const auto refusal = [&](const Given& given) {
    const Result<> connected = output(given)->connect();
    EXPECT_FALSE(connected);
    EXPECT_EQ(connected.error().what.find(test::Server::password()), std::string::npos);
    return connected ? std::string() : connected.error().what;
  };
  EXPECT_TRUE(delivers(plain));
  const Given certificate = {{"hosts", mutual},
                             {"topic", topic()},
                             {"ssl.certificate_authorities", server.tls_file("ca.pem")},
                             {"ssl.certificate", server.tls_file("client.pem")},
                             {"ssl.key", server.tls_file("client.key")}};
  EXPECT_TRUE(delivers(certificate));
  // librdkafka makes an unsigned token by itself when it is told to.
  Given bearer = with(plain, {{"sasl.mechanism", "OAUTHBEARER"}});
  bearer["kafka"] = "{enable.sasl.oauthbearer.unsecure.jwt: true, sasl.oauthbearer.config: principal=test}";
  EXPECT_TRUE(delivers(bearer));
  // Kafka 4 refuses the nonce of librdkafka before 2.6.1, Debian 12's among them.
  for (const char* mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-512"}) {
    const Given scram = with(plain, {{"sasl.mechanism", mechanism}});
    if (rd_kafka_version() >= 0x020601ff) {
      EXPECT_TRUE(delivers(scram)) << mechanism;
    } else {
      EXPECT_THAT(refusal(scram), ::testing::HasSubstr(mechanism));
    }
  }
  EXPECT_THAT(refusal(with(plain, {{"password", "wrong"}})), ::testing::HasSubstr("uthentication"));
  EXPECT_THAT(refusal(with(plain, {{"ssl.certificate_authorities", server.tls_file("client.pem")}})),
              ::testing::HasSubstr("certificate"));
  EXPECT_THAT(refusal(with(certificate, {{"ssl.certificate", ""}, {"ssl.key", ""}})), ::testing::HasSubstr("SSL"));
  EXPECT_FALSE(refusal({{"hosts", sasl}, {"topic", topic()}}).empty()) << "no TLS to a port of TLS";
}

TEST_F(Kafka, CheckShowsWhatIsThereAndWhatIsWrong) {
  NEEDS_SERVER(server, test::ServerKind::kafka);
  ASSERT_TRUE(test::make_topic(server.address(), topic(), 5));
  const Given login = {{"hosts", "localhost:" + std::to_string(server.sasl_ssl_port())},
                       {"topic", topic()},
                       {"username", "test"},
                       {"password", test::Server::password()},
                       {"ssl.certificate_authorities", server.tls_file("ca.pem")}};
  const auto check = [&](const std::string& key, const std::string& value) {
    Given given = login;
    given[key] = value;
    return output(given)->check();
  };
  const auto good = check("client_id", "a");
  ASSERT_EQ(good.size(), 3u);
  EXPECT_THAT(good[0].detail, ::testing::HasSubstr("localhost:" + std::to_string(server.sasl_ssl_port())));
  EXPECT_THAT(good[1].detail, ::testing::HasSubstr("as test by SASL PLAIN; TLS, the broker's certificate is verified"));
  EXPECT_THAT(good[2].detail, ::testing::HasSubstr("5 partitions on 1 broker"));
  for (const CheckStep& step : good) EXPECT_TRUE(step.good) << step.name << step.detail;
  const auto missing = check("topic", "not-there");
  EXPECT_FALSE(missing.back().good);
  EXPECT_THAT(missing.back().detail, ::testing::HasSubstr("not there"));
  EXPECT_FALSE(check("topic", "not-there").back().good) << "looking makes no topic";
  const auto refused = check("password", "wrong");
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_FALSE(refused[0].good);
  EXPECT_THAT(refused[0].detail, ::testing::HasSubstr("uthentication"));
}

TEST_F(Kafka, ATimeOfTheFutureIsNoReasonToWait) {
  NEEDS_SERVER(server, test::ServerKind::kafka);
  ASSERT_TRUE(test::make_topic(server.address(), topic(), 1));
  auto out = output({{"hosts", server.address()}, {"topic", topic()}});
  ASSERT_TRUE(out->connect());
  Batch docs;
  const Nanos now = clock_.realtime();
  docs.add({.timestamp = now + 48 * 3600 * kSecond, .id = "1", .dataset = "d", .key = "h"}, json_of(1, 100));
  const Attempt attempt = send(*out, docs);
  EXPECT_EQ(attempt.fate, std::vector{Fate::accepted}) << attempt.why;
  const auto read = test::read_topic(server.address(), topic());
  ASSERT_EQ(read.size(), 1u);
  EXPECT_LE(read[0].timestamp_ms, clock_.realtime() / kMillisecond);
}

TEST_F(Kafka, ABrokerThatIsKilledUnderLoad) {
  NEEDS_SERVER(server, test::ServerKind::kafka);
  ASSERT_TRUE(test::make_topic(server.address(), topic(), 2));
  auto out = output({{"hosts", server.address()}, {"topic", topic()}});
  ASSERT_TRUE(out->connect());
  constexpr int kBatches = 40, kEach = 500;
  std::thread killer([&server] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    EXPECT_TRUE(server.crash());
    EXPECT_TRUE(server.restart());
  });
  for (int n = 0; n < kBatches; ++n) {
    deliver(*out, batch(n * kEach, (n + 1) * kEach, 3));
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
  killer.join();
  std::map<std::string, int> seen;
  std::map<std::string, int64_t> last;
  for (const auto& message : test::read_topic(server.address(), topic())) {
    EXPECT_EQ(++seen[message.value], 1) << "an idempotent producer makes no doubles";
    EXPECT_LT(last[message.key], message.timestamp_ms) << "the order of a host";
    last[message.key] = message.timestamp_ms;
  }
  EXPECT_EQ(seen.size(), size_t{kBatches} * kEach) << "what was accepted is there";
}

}  // namespace
}  // namespace acta
