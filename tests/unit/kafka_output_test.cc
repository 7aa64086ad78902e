#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "outputs/output.h"
#include "support/mock_kafka.h"

// output.kafka where a broker answers late, refuses, or ends the producer: what is sent again, and in which order it
// lies in the topic then. Against a real broker: tests/servers/kafka_output_test.cc.
namespace acta {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Given = std::map<std::string, std::string>;
constexpr Nanos kWait = 20 * kSecond;

class KafkaOutput : public ::testing::Test {
 protected:
  std::unique_ptr<Output> output(Given given = {}) {
    given.try_emplace("hosts", kafka_.address());
    given.try_emplace("topic", "t");
    const Component<Output>* component = Registry<Output>::find("kafka");
    auto settings = make_settings(component->options, given);
    EXPECT_TRUE(settings) << settings.error().what;
    auto made = component->make(*settings);
    EXPECT_TRUE(made) << made.error().what;
    return std::move(*made);
  }
  void add(const std::string& id, const std::string& key) {
    docs_.add({.timestamp = kSecond, .id = id, .dataset = "actabeat.audit", .key = key}, id);
  }
  Attempt send(Output& output, Nanos wait = kWait) { return output.send(docs_.docs(), clock_.monotonic() + wait); }
  /// As the runner does: only the refused again, from where they lie, until nothing is left. The reasons that were
  /// given.
  std::string deliver(Output& output) {
    std::string reasons;
    std::vector<Doc> left = docs_.docs();
    for (const Nanos end = clock_.monotonic() + kWait; !left.empty() && clock_.monotonic() < end;) {
      EXPECT_TRUE(output.connect());
      const Attempt attempt = output.send(left, clock_.monotonic() + kWait);
      reasons += attempt.why + "\n";
      std::vector<Doc> rest;
      for (size_t i = 0; i < left.size(); ++i) {
        if (attempt.fate[i] == Fate::retry) rest.push_back(left[i]);
      }
      left = std::move(rest);
    }
    EXPECT_TRUE(left.empty()) << left.size() << " were not delivered in time";
    if (left.empty()) docs_ = {};
    return reasons;
  }
  /// The order of the last copies of what was sent.
  std::vector<std::string> last_copies() {
    std::vector<std::string> all = kafka_.read("t"), last;
    for (size_t i = 0; i < all.size(); ++i) {
      if (std::find(all.begin() + static_cast<ptrdiff_t>(i) + 1, all.end(), all[i]) == all.end())
        last.push_back(all[i]);
    }
    return last;
  }

  test::MockKafka kafka_;
  SystemClock clock_;
  Batch docs_;
};

TEST_F(KafkaOutput, APassedDeadlineGoesOnWaitingAndSendsNothingTwice) {
  kafka_.make_topic("t");
  auto out = output();
  ASSERT_TRUE(out->connect());
  for (const char* id : {"1", "2", "3"}) add(id, "h");
  kafka_.set_answer_time(kSecond);
  const Attempt late = send(*out, 200 * kMillisecond);
  EXPECT_THAT(late.fate, ElementsAre(Fate::retry, Fate::retry, Fate::retry));
  EXPECT_THAT(late.why, HasSubstr("not confirmed"));
  const Attempt again = send(*out);
  EXPECT_THAT(again.fate, ElementsAre(Fate::accepted, Fate::accepted, Fate::accepted)) << again.why;
  kafka_.set_answer_time(0);
  EXPECT_THAT(kafka_.read("t"), ElementsAre("h=1", "h=2", "h=3"));
}

TEST_F(KafkaOutput, ConnectionsThatBreakMakeNoDoubles) {
  kafka_.make_topic("t");
  auto out = output({{"kafka", "{retry.backoff.ms: 1, reconnect.backoff.ms: 1}"}});
  for (const char* id : {"1", "2", "3"}) add(id, "h");
  kafka_.fail_produce({RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                       RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION});
  deliver(*out);
  EXPECT_THAT(kafka_.read("t"), ElementsAre("h=1", "h=2", "h=3"));
}

TEST_F(KafkaOutput, WhatIsNotAllowedNowWaits) {
  kafka_.make_topic("t");
  auto out = output();
  for (const char* id : {"1", "2", "3"}) add(id, "h");
  kafka_.fail_produce({RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  EXPECT_THAT(deliver(*out), HasSubstr("authorization failed"));
  EXPECT_THAT(last_copies(), ElementsAre("h=1", "h=2", "h=3"));
}

TEST_F(KafkaOutput, AnErrorThatEndsTheProducerKeepsTheOrder) {
  kafka_.make_topic("t");
  auto out = output({{"kafka", "{batch.num.messages: 1, retry.backoff.ms: 1}"}});
  for (const char* id : {"1", "2", "3", "4"}) add(id, "h");
  // The second request: its epoch is said to be over, which no retry mends (KIP-360 would, for a transaction).
  kafka_.fail_produce({RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});
  EXPECT_THAT(deliver(*out), HasSubstr("begin anew"));
  EXPECT_THAT(last_copies(), ElementsAre("h=1", "h=2", "h=3", "h=4"));
}

TEST_F(KafkaOutput, TopicAndKeyAreFormats) {
  kafka_.make_topic("actabeat.audit-a_b");
  auto out = output({{"topic", "\"%{[event.dataset]}-%{[event.id]}\""}, {"key", "\"k-%{[host.id]}\""}});
  add("a/b", "h");
  deliver(*out);
  EXPECT_THAT(kafka_.read("actabeat.audit-a_b"), ElementsAre("k-h=a/b"));
}

TEST_F(KafkaOutput, AsksForTheFieldsOfItsFormats) {
  const auto out = output({{"topic", "\"%{[event.category]}\""}, {"key", "\"%{[user.name]}\""}});
  EXPECT_THAT(out->fields(), ElementsAre("event.category", "user.name"));
}

TEST_F(KafkaOutput, CheckShowsBrokersTopicPartitionsAndLogin) {
  kafka_.make_topic("t", 3);
  const auto steps = output()->check();
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].name, "brokers");
  EXPECT_THAT(steps[0].detail, HasSubstr("(id 1)"));
  EXPECT_THAT(steps[1].detail, HasSubstr("no login; no TLS"));
  EXPECT_EQ(steps[2].name, "topic t");
  EXPECT_THAT(steps[2].detail, HasSubstr("3 partitions on 1 broker, each 1 time, at least 1 in sync"));
}

TEST_F(KafkaOutput, AnInterruptedConnectComesBackAtOnce) {
  const auto out = output({{"hosts", "127.0.0.1:1"}});
  out->interrupt();
  const Nanos begin = clock_.monotonic();
  EXPECT_FALSE(out->connect());
  EXPECT_LT(clock_.monotonic() - begin, 5 * kSecond);
}

TEST_F(KafkaOutput, WhatLibrdkafkaDoesNotKnowIsRefusedWithoutTheValue) {
  const Component<Output>* component = Registry<Output>::find("kafka");
  const auto refusal = [&](Given given) {
    given.try_emplace("hosts", "h");
    auto settings = make_settings(component->options, given);
    EXPECT_TRUE(settings) << settings.error().what;
    const auto made = component->make(*settings);
    EXPECT_FALSE(made);
    return made ? std::string() : made.error().what;
  };
  EXPECT_THAT(refusal({{"kafka", "{no.such.thing: 1}"}}), HasSubstr("kafka.no.such.thing"));
  const std::string wrong = refusal({{"kafka", "{linger.ms: s3cret}"}});
  EXPECT_THAT(wrong, HasSubstr("kafka.linger.ms"));
  EXPECT_THAT(wrong, Not(HasSubstr("s3cret")));
  EXPECT_THAT(refusal({{"topic", "a/b"}}), HasSubstr("topic: Kafka can have no topic"));
  EXPECT_THAT(refusal({{"key", "\"%{[x\""}}), HasSubstr("key: "));
}

}  // namespace
}  // namespace acta
