#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <map>

#include "event/finished_document.h"
#include "inputs/input.h"
#include "support/mock_kafka.h"

// input kafka through its contract, against librdkafka's own imitation of a cluster, where a group has one member
// in its life. Places that are kept, rebalances: tests/servers/kafka_input_test.cc.
namespace acta {
namespace {

using ::testing::ElementsAre;
constexpr Nanos kWait = 15 * kSecond;

class KafkaInput : public ::testing::Test {
 protected:
  KafkaInput() { kafka_.make_topic("t"); }

  std::unique_ptr<Input> input(const std::string& group = "g", std::map<std::string, std::string> given = {}) {
    given.emplace("hosts", kafka_.address());
    given.emplace("topics", "[t]");
    given.emplace("group_id", group);
    const Component<Input>* component = Registry<Input>::find("kafka");
    auto settings = make_settings(component->options, given);
    EXPECT_TRUE(settings) << settings.error().what;
    auto made = component->make(*settings);
    EXPECT_TRUE(made) << made.error().what;
    return std::move(*made);
  }
  /// Pulls until there were `count` items, or nothing more comes; their JSON.
  std::vector<std::string> pull(Input& input, size_t count) {
    std::vector<std::string> all;
    for (const Nanos end = clock_.monotonic() + kWait; all.size() < count && clock_.monotonic() < end;) {
      RawBatch batch;
      const auto pulled = input.pull(batch);
      EXPECT_TRUE(pulled) << pulled.error().what;
      for (size_t i = 0; i < batch.size(); ++i) {
        const RawItem item = batch[i];
        all.emplace_back(document_of(item).json);
        EXPECT_LT(last_, item.begin) << "positions grow";
        EXPECT_LT(item.begin, item.end);
        last_ = item.begin;
        end_ = item.end;
      }
      if (!batch.empty()) continue;
      pollfd fd{.fd = input.poll_fd(), .events = POLLIN, .revents = 0};
      ::poll(&fd, 1, 100);
    }
    return all;
  }
  static std::string json(int n) { return R"({"@timestamp":"2026-11-26T04:25:00Z","n":)" + std::to_string(n) + "}"; }

  test::MockKafka kafka_;
  SystemClock clock_;
  Position last_{}, end_{};
};

TEST_F(KafkaInput, GivesMessagesInOrder) {
  kafka_.write("t", json(1), {{"event.id", "one"}, {"data_stream.dataset", "actabeat.audit"}});
  kafka_.write("t", json(2));
  const auto in = input();
  ASSERT_TRUE(in->open(0, {}));
  EXPECT_THAT(pull(*in, 2), ElementsAre(json(1), json(2)));
  kafka_.write("t", json(3));
  EXPECT_THAT(pull(*in, 1), ElementsAre(json(3)));
  EXPECT_EQ(in->counts().records, 3u);
  EXPECT_TRUE(in->can_wait());
  EXPECT_TRUE(in->close());
  RawBatch batch;
  EXPECT_FALSE(in->pull(batch)) << "closed";
}

TEST_F(KafkaInput, AnotherGroupHasItsOwnPlace) {
  kafka_.write("t", json(1));
  const auto in = input("first");
  ASSERT_TRUE(in->open(0, {}));
  ASSERT_EQ(pull(*in, 1).size(), 1u);
  in->safe(end_);
  ASSERT_TRUE(in->close());
  last_ = {};
  const auto other = input("second");
  ASSERT_TRUE(other->open(0, {}));
  EXPECT_THAT(pull(*other, 1), ElementsAre(json(1)));
}

TEST_F(KafkaInput, ReadToTheEndItIsDone) {
  kafka_.write("t", json(1));
  const auto in = input();
  in->stop_at_end();
  ASSERT_TRUE(in->open(0, {}));
  ASSERT_EQ(pull(*in, 1).size(), 1u);
  Pull last = Pull::idle;
  for (const Nanos end = clock_.monotonic() + kWait; last != Pull::done && clock_.monotonic() < end;) {
    RawBatch batch;
    last = in->pull(batch).value();
    pollfd fd{.fd = in->poll_fd(), .events = POLLIN, .revents = 0};
    ::poll(&fd, 1, 100);
  }
  EXPECT_EQ(last, Pull::done);
}

TEST_F(KafkaInput, WhenNothingIsPulledTheGroupIsServedBySafe) {
  kafka_.write("t", json(1));
  const auto in =
      input("g", {{"kafka", "{session.timeout.ms: 3000, heartbeat.interval.ms: 300, max.poll.interval.ms: 3000}"}});
  ASSERT_TRUE(in->open(0, {}));
  ASSERT_EQ(pull(*in, 1).size(), 1u);
  for (const Nanos end = clock_.monotonic() + 5 * kSecond; clock_.monotonic() < end;) {
    in->safe({});
    ::poll(nullptr, 0, 200);
  }
  kafka_.write("t", json(2));
  EXPECT_THAT(pull(*in, 1), ElementsAre(json(2))) << "not json(1) again: it was not taken for dead";
}

TEST_F(KafkaInput, DestroyedAtAnyTime) {
  // Who goes while the group has not let him in yet cannot say so: the group waits for him until his session is over.
  const std::map<std::string, std::string> session{{"kafka", "{session.timeout.ms: 3000, heartbeat.interval.ms: 300}"}};
  auto in = input("g", session);
  in.reset();
  constexpr int kBeforeItAsksMs = 0, kBeforeItIsLetInMs = 100;
  for (const int wait_ms : {kBeforeItAsksMs, kBeforeItIsLetInMs}) {
    in = input("g", session);
    ASSERT_TRUE(in->open(0, {}));
    ::poll(nullptr, 0, wait_ms);
    in.reset();
  }
  kafka_.write("t", json(1));
  in = input("g", session);
  ASSERT_TRUE(in->open(0, {}));
  ASSERT_EQ(pull(*in, 1).size(), 1u);
}

}  // namespace
}  // namespace acta
