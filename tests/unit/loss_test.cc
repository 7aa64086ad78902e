#include "event/loss.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "pipeline/loss_document.h"
#include "pipeline/loss_ledger.h"
#include "support/ecs.h"
#include "support/flat_json.h"
#include "support/shared.h"

namespace acta {
namespace {

Loss of_ring(uint16_t source, uint64_t count, Nanos from, Nanos to, std::vector<SerialRange> serials = {}) {
  return {.reason = LossReason::ring_full,
          .source = source,
          .count = count,
          .from = from,
          .to = to,
          .serials = std::move(serials)};
}

TEST(Loss, MergesCountsTimesAndSerials) {
  Loss loss = of_ring(0, 3, 100, 200, {{5, 7}});
  loss.merge(of_ring(0, 4, 200, 300, {{8, 9}, {20, 20}}));
  EXPECT_EQ(loss.count, 7u);
  EXPECT_EQ(loss.from, 100);
  EXPECT_EQ(loss.to, 300);
  EXPECT_EQ(loss.serials, (std::vector<SerialRange>{{5, 9}, {20, 20}}));
  EXPECT_FALSE(loss.at_least);
  Loss unknown = of_ring(0, 0, 300, 400);
  unknown.at_least = true;
  loss.merge(unknown);
  EXPECT_TRUE(loss.at_least);
}

TEST(Loss, HoldsABoundedNumberOfRanges) {
  Loss loss;
  for (uint64_t serial = 0; serial < 1000; serial += 2) loss.add_serials({serial, serial});
  ASSERT_EQ(loss.serials.size(), Loss::kRangesMax);
  EXPECT_EQ(loss.serials.front(), (SerialRange{0, 0}));
  EXPECT_EQ(loss.serials.back(), (SerialRange{30, 998}));
}

TEST(Loss, EveryReasonHasAWordOfItsOwn) {
  std::set<std::string_view> words;
  for (size_t i = 0; i < kLossReasons; ++i) {
    words.insert(word_of(static_cast<LossReason>(i)));
    EXPECT_FALSE(sentence_of(static_cast<LossReason>(i)).empty());
  }
  EXPECT_EQ(words.size(), kLossReasons);
}

TEST(LossLedger, TellsTheFirstAtOnceAndThenOnceASecond) {
  LossLedger ledger;
  EXPECT_TRUE(ledger.due(0).empty());
  size_t told = 0;
  uint64_t count = 0;
  for (Nanos now = 0; now < 10 * kSecond; now += kMillisecond) {
    ledger.add(of_ring(1, 1, now + 1, now + 1));
    for (const Loss& loss : ledger.due(now)) {
      ++told;
      count += loss.count;
      EXPECT_LE(now + 1 - loss.from, LossLedger::kEvery) << "told late";
    }
  }
  EXPECT_EQ(told, 10u);
  for (const Loss& loss : ledger.rest(10 * kSecond)) count += loss.count;
  EXPECT_EQ(count, 10'000u);
  EXPECT_TRUE(ledger.empty());
}

TEST(LossLedger, KeepsReasonsAndSourcesApart) {
  LossLedger ledger;
  Loss other = of_ring(1, 5, 10, 10);
  other.reason = LossReason::socket_overrun;
  ledger.add(of_ring(1, 1, 20, 20));
  ledger.add(other);
  ledger.add(of_ring(2, 7, 5, 5));
  EXPECT_TRUE(ledger.has(2));
  const std::vector<Loss> due = ledger.due(0);
  ASSERT_EQ(due.size(), 3u);
  EXPECT_EQ(due[0].source, 2) << "in the order in which they began";
  EXPECT_EQ(due[1].count, 5u);
  EXPECT_EQ(due[2].count, 1u);
  EXPECT_FALSE(ledger.has(2));
}

class LossDocumentTest : public testing::Test {
 protected:
  std::map<std::string, std::string> document(const Loss& loss, std::string_view input) {
    services_.parts = &parts_;
    services_.host_id = "h";
    write_loss(services_, loss, input, kNow, event_);
    std::string json;
    Encoder::encode(event_, json);
    parsed_.Parse(json.c_str());
    return test::flatten(parsed_);
  }
  static constexpr Nanos kNow = 1'795'000'000 * kSecond;
  static ConstantParts parts_of_host() {
    AgentInfo agent;
    agent.id = agent.name = agent.ephemeral_id = "a";
    HostInfo host;
    host.id = "h";
    host.hostname = host.name = "n";
    return {std::move(agent), std::move(host)};
  }
  ConstantParts parts_ = parts_of_host();
  Services services_;
  Event event_;
  rapidjson::Document parsed_;
};

TEST_F(LossDocumentTest, SaysWhatIsGone) {
  const Loss loss = of_ring(0, 12, kNow - 2 * kSecond, kNow - kSecond, {{120, 130}, {135, 135}});
  const auto fields = document(loss, "live");
  EXPECT_EQ(fields.at("event.action"), "events-lost");
  EXPECT_EQ(fields.at("event.dataset"), "actabeat.lost");
  EXPECT_EQ(fields.at("event.reason"), "ring_full");
  EXPECT_EQ(fields.at("event.start"), "2026-11-18T11:06:38.000Z");
  EXPECT_EQ(fields.at("event.end"), "2026-11-18T11:06:39.000Z");
  EXPECT_EQ(fields.at("@timestamp"), fields.at("event.end"));
  EXPECT_EQ(fields.at("actabeat.input"), "live");
  EXPECT_EQ(fields.at("actabeat.lost.records"), "12");
  EXPECT_EQ(fields.at("actabeat.lost.first_sequence"), "120");
  EXPECT_EQ(fields.at("actabeat.lost.last_sequence"), "135");
  EXPECT_EQ(fields.at("actabeat.lost.sequences"), "120-130|135");
  EXPECT_FALSE(fields.contains("actabeat.lost.at_least"));
  EXPECT_EQ(fields.at("message"),
            "12 records are lost from input live: the agent could not take them as fast as they came.");
}

TEST_F(LossDocumentTest, HasAnIdOfItsOwnThatFollowsFromIt) {
  Loss loss = of_ring(0, 12, 100, 200);
  const std::string id = document(loss, "live").at("event.id");
  EXPECT_EQ(document(loss, "live").at("event.id"), id);
  EXPECT_NE(document(loss, "other").at("event.id"), id);
  loss.to = 201;
  EXPECT_NE(document(loss, "live").at("event.id"), id);
  loss.place = "a file";
  const std::string at_place = document(loss, "live").at("event.id");
  loss.from = 150;
  EXPECT_EQ(document(loss, "live").at("event.id"), at_place) << "found again after a restart: the same loss";
}

TEST_F(LossDocumentTest, SaysWhenTheNumberIsNotKnownAndWhichOutputMisses) {
  Loss loss{.reason = LossReason::socket_overrun, .source = 0, .at_least = true, .from = kNow, .to = kNow};
  auto fields = document(loss, "live");
  EXPECT_EQ(fields.at("actabeat.lost.at_least"), "true");
  EXPECT_NE(fields.at("message").find("An unknown number of records is lost"), std::string::npos);
  loss = {.reason = LossReason::queue_dropped, .output = "file", .count = 500, .serials = {{0, 499}}};
  fields = document(loss, "");
  EXPECT_EQ(fields.at("actabeat.lost.documents"), "500");
  EXPECT_EQ(fields.at("actabeat.lost.output"), "file");
  EXPECT_FALSE(fields.contains("actabeat.lost.records"));
  EXPECT_FALSE(fields.contains("actabeat.input"));
}

TEST_F(LossDocumentTest, FollowsEcs) {
  SKIP_WITHOUT_SHARED(shared);
  const test::Ecs ecs(*shared + "/facts/ecs_flat.yml");
  document(of_ring(0, 12, 100, 200, {{120, 130}, {135, 135}}), "live");
  EXPECT_THAT(ecs.violations(parsed_), testing::IsEmpty());
}

}  // namespace
}  // namespace acta
