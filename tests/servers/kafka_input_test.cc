#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "outputs/output.h"
#include "support/kafka_reader.h"
#include "support/kafka_topic.h"
#include "support/server.h"

// input kafka in groups of a real cluster: places that are kept, members that come, go and die, messages that are gone.
namespace acta {
namespace {

using Given = std::map<std::string, std::string>;
using test::KafkaReader;
constexpr Nanos kWait = 60 * kSecond;
// The least that the broker allows: so long the partitions of a dead member wait for another.
constexpr const char* kShortSession = "{session.timeout.ms: 6000, heartbeat.interval.ms: 500}";

std::string json_of(int n) {
  return R"({"@timestamp":"2026-11-26T04:25:00Z","n":)" + std::to_string(n) + "}";
}

class KafkaInput : public ::testing::TestWithParam<test::ServerKind> {
 protected:
  static std::string topic() {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    return "in-" + name.substr(0, name.find('/'));
  }
  static Given given(const test::Server& server) {
    return {
        {"hosts", server.address()}, {"topics", "[" + topic() + "]"}, {"group_id", topic()}, {"kafka", kShortSession}};
  }
  /// Writes documents [from, to) with the ids "id-N", of ten hosts.
  static void write(const test::Server& server, int from, int to) {
    const Component<Output>* component = Registry<Output>::find("kafka");
    auto settings = make_settings(component->options, Given{{"hosts", server.address()}, {"topic", topic()}});
    ASSERT_TRUE(settings);
    auto output = std::move(*component->make(*settings));
    ASSERT_TRUE(output->connect());
    Batch docs;
    for (int n = from; n < to; ++n) {
      const std::string id = "id-" + std::to_string(n), key = "host-" + std::to_string(n % 10);
      docs.add({.timestamp = SystemClock().realtime(), .id = id, .dataset = "actabeat.audit", .key = key}, json_of(n));
    }
    const Attempt attempt = output->send(docs.docs(), SystemClock().monotonic() + kWait);
    for (const Fate fate : attempt.fate) ASSERT_EQ(fate, Fate::accepted) << attempt.why;
  }
  static std::set<std::string> ids_of(const std::vector<const KafkaReader*>& readers) {
    std::set<std::string> ids;
    for (const KafkaReader* reader : readers) {
      for (const auto& item : reader->items()) ids.insert(item.id);
    }
    return ids;
  }
};

INSTANTIATE_TEST_SUITE_P(Kafka, KafkaInput, ::testing::Values(test::ServerKind::kafka));

TEST_P(KafkaInput, WhatIsNotSafeIsReadAgainAndNothingElse) {
  NEEDS_SERVER(server, GetParam());
  ASSERT_TRUE(test::make_topic(server.address(), topic(), 1));
  write(server, 0, 100);
  KafkaReader first(given(server));
  ASSERT_EQ(first.pull(100, kWait), 100u);
  for (int n = 0; n < 100; ++n) ASSERT_EQ(first.items()[static_cast<size_t>(n)].json, json_of(n));
  first.safe(70);
  first.close();
  KafkaReader second(given(server));
  ASSERT_EQ(second.pull(30, kWait), 30u);
  EXPECT_EQ(second.items()[0].id, "id-70");
  second.safe(30);
  second.close();
  write(server, 100, 101);
  KafkaReader third(given(server));
  ASSERT_EQ(third.pull(1, kWait), 1u);
  EXPECT_EQ(third.items()[0].id, "id-100");
}

TEST_P(KafkaInput, AMemberThatComesGetsItsShareAndNothingIsReadTwice) {
  NEEDS_SERVER(server, GetParam());
  ASSERT_TRUE(test::make_topic(server.address(), topic(), 6));
  write(server, 0, 1000);
  KafkaReader first(given(server));
  ASSERT_EQ(first.pull(1000, kWait), 1000u);
  first.safe(1000);
  KafkaReader second(given(server));
  for (int i = 0; i < 100 && second.items().empty(); ++i) {
    // Both are served, as two processes are; what the first has is safe before its partitions go.
    write(server, 1000 + i * 10, 1010 + i * 10);
    first.pull(1000, 100 * kMillisecond);
    first.safe(first.items().size());
    second.pull(1000, 100 * kMillisecond);
  }
  EXPECT_FALSE(second.items().empty()) << "it got partitions";
  first.pull(1000, 2 * kSecond);
  second.pull(1000, 2 * kSecond);
  EXPECT_EQ(ids_of({&first, &second}).size(), first.items().size() + second.items().size()) << "nothing twice";
}

TEST_P(KafkaInput, AMembersDeathLosesNothing) {
  NEEDS_SERVER(server, GetParam());
  ASSERT_TRUE(test::make_topic(server.address(), topic(), 3));
  write(server, 0, 300);
  Given settings = given(server);
  settings["kafka"] = "{session.timeout.ms: 6000, heartbeat.interval.ms: 500, max.poll.interval.ms: 6000}";
  KafkaReader first(settings);
  ASSERT_EQ(first.pull(300, kWait), 300u);
  first.safe(120);
  first.pull(1, 3 * kSecond);  // the places are told to the group meanwhile
  first.abandon();             // librdkafka's own thread leaves the group when nobody asks it for messages any more
  KafkaReader second(given(server));
  EXPECT_GE(second.pull(180, kWait), 180u);
  std::set<std::string> ids = ids_of({&second});
  for (size_t i = 0; i < 120; ++i) ids.insert(first.items()[i].id);
  EXPECT_EQ(ids.size(), 300u) << "what was not safe came again";
  EXPECT_EQ(second.items().size(), 180u) << "and only that";
}

TEST_P(KafkaInput, MessagesThatAreGoneAreTold) {
  NEEDS_SERVER(server, GetParam());
  ASSERT_TRUE(test::make_topic(server.address(), topic(), 1));
  write(server, 0, 50);
  KafkaReader first(given(server));
  ASSERT_EQ(first.pull(50, kWait), 50u);
  first.safe(10);
  first.close();
  ASSERT_TRUE(test::delete_records(server.address(), topic(), 0, 30));
  KafkaReader second(given(server));
  ASSERT_EQ(second.pull(20, kWait), 20u);
  EXPECT_EQ(second.items()[0].id, "id-30");
  EXPECT_EQ(second.losses(), 1u);
}

TEST_P(KafkaInput, ATopicThatIsMadeLater) {
  NEEDS_SERVER(server, GetParam());
  Given settings = given(server);
  settings["kafka"] = "{session.timeout.ms: 6000, topic.metadata.refresh.interval.ms: 500}";
  KafkaReader reader(settings);
  EXPECT_EQ(reader.pull(1, kSecond), 0u);
  ASSERT_TRUE(test::make_topic(server.address(), topic(), 1));
  write(server, 0, 5);
  EXPECT_EQ(reader.pull(5, kWait), 5u);
}

}  // namespace
}  // namespace acta
