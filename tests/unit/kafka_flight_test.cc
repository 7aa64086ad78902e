#include <gtest/gtest.h>

#include "outputs/kafka/flight.h"

// Order and outcome of documents that outlive a send.
namespace acta {
namespace {

class KafkaFlight : public ::testing::Test {
 protected:
  /// A document "ID" of the key "KEY".
  void add(const std::string& id, const std::string& key) {
    docs_.add({.timestamp = 1, .id = id, .dataset = "actabeat.audit", .key = key}, "{}");
  }
  void begin() { flight_.begin(docs_.docs()); }
  void launch_all() {
    for (size_t i = 0; i < flight_.size(); ++i) {
      if (flight_.state(i) == Flight::State::waiting) flight_.launched(i);
    }
  }
  std::vector<Fate> end() {
    std::vector<uint64_t> keys;
    for (size_t i = 0; i < docs_.size(); ++i) keys.push_back(std::hash<std::string_view>{}(docs_[i].meta.key));
    return flight_.end(docs_.docs(), keys);
  }
  /// What the runner does: only the refused go again.
  void keep_refused(const std::vector<Fate>& fates) {
    Batch rest;
    for (size_t i = 0; i < fates.size(); ++i) {
      if (fates[i] == Fate::retry) rest.add(docs_[i].meta, docs_[i].json);
    }
    docs_ = std::move(rest);
  }

  Batch docs_;
  Flight flight_;
  static constexpr Fate A = Fate::accepted, R = Fate::retry, X = Fate::rejected;
};

TEST_F(KafkaFlight, ConfirmedIsAccepted) {
  add("1", "h");
  add("2", "h");
  begin();
  launch_all();
  flight_.delivered(flight_.slot(1));
  flight_.delivered(flight_.slot(0));
  EXPECT_EQ(flight_.flying(), 0u);
  EXPECT_EQ(end(), (std::vector{A, A}));
}

TEST_F(KafkaFlight, APassedDeadlineWaitsOnAndSendsNothingTwice) {
  add("1", "h");
  add("2", "h");
  add("3", "other");
  begin();
  launch_all();
  flight_.delivered(flight_.slot(1));
  flight_.delivered(flight_.slot(2));
  const auto fates = end();
  EXPECT_EQ(fates, (std::vector{R, R, A})) << "2 is confirmed, and waits for 1 of the same key";
  keep_refused(fates);
  begin();
  EXPECT_EQ(flight_.state(0), Flight::State::flying);
  EXPECT_EQ(flight_.state(1), Flight::State::delivered) << "not sent again";
  flight_.delivered(flight_.slot(0));
  EXPECT_EQ(end(), (std::vector{A, A}));
}

TEST_F(KafkaFlight, WhatComesAfterARefusedOneOfItsKeyGoesAgain) {
  add("1", "h");
  add("2", "h");
  add("3", "other");
  begin();
  launch_all();
  flight_.refused(flight_.slot(0), false);
  flight_.delivered(flight_.slot(1));
  flight_.delivered(flight_.slot(2));
  EXPECT_TRUE(flight_.troubled());
  const auto fates = end();
  EXPECT_EQ(fates, (std::vector{R, R, A}));
  keep_refused(fates);
  begin();
  EXPECT_FALSE(flight_.troubled());
  EXPECT_EQ(flight_.state(0), Flight::State::waiting);
  EXPECT_EQ(flight_.state(1), Flight::State::waiting) << "again, so that it comes after 1";
}

TEST_F(KafkaFlight, OnlyWhatIsTooLargeAloneIsRejected) {
  add("1", "h");
  add("2", "h");
  begin();
  launch_all();
  flight_.refused(flight_.slot(0), true);
  flight_.refused(flight_.slot(1), true);
  auto fates = end();
  EXPECT_EQ(fates, (std::vector{R, R})) << "the request was too large, perhaps not each of them";
  begin();
  ASSERT_TRUE(flight_.alone(0) && flight_.alone(1));
  flight_.launched(0);
  flight_.refused(flight_.slot(0), true);
  flight_.launched(1);
  flight_.delivered(flight_.slot(1));
  EXPECT_EQ(end(), (std::vector{X, A}));
}

TEST_F(KafkaFlight, AnOversizedDocumentHoldsUpNobody) {
  add("1", "h");
  add("2", "h");
  begin();
  flight_.oversized(0);
  flight_.launched(1);
  flight_.delivered(flight_.slot(1));
  EXPECT_EQ(end(), (std::vector{X, A}));
}

TEST_F(KafkaFlight, DocumentsOfTheSameIdKeepTheirTurns) {
  add("1", "h");
  add("1", "other");
  add("", "h");
  add("", "h");
  begin();
  launch_all();
  flight_.delivered(flight_.slot(1));
  auto fates = end();
  EXPECT_EQ(fates, (std::vector{R, A, R, R}));
  keep_refused(fates);
  begin();
  flight_.delivered(flight_.slot(0));
  flight_.delivered(flight_.slot(1));
  EXPECT_EQ(end(), (std::vector{A, A, R}));
}

TEST_F(KafkaFlight, WhatFliesWithAProducerThatIsGoneGoesAgain) {
  add("1", "h");
  add("2", "h");
  add("3", "h");
  begin();
  launch_all();
  flight_.delivered(flight_.slot(0));
  flight_.delivered(flight_.slot(2));
  flight_.crashed();
  EXPECT_EQ(flight_.flying(), 0u);
  const auto fates = end();
  EXPECT_EQ(fates, (std::vector{A, R, R}));
  keep_refused(fates);
  begin();
  EXPECT_EQ(flight_.state(0), Flight::State::waiting);
  EXPECT_EQ(flight_.state(1), Flight::State::waiting) << "again, so that it comes after 2";
}

TEST_F(KafkaFlight, BeginsAnewWhenAllIsDone) {
  for (int round = 0; round < 3; ++round) {
    docs_.clear();
    add("r" + std::to_string(round), "h");
    begin();
    EXPECT_EQ(flight_.slot(0), 0u) << "slots do not pile up";
    launch_all();
    flight_.delivered(0);
    EXPECT_EQ(end(), std::vector{A});
  }
}

}  // namespace
}  // namespace acta
