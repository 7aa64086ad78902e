#include "pipeline/concurrency.h"

#include <gtest/gtest.h>

namespace acta {
namespace {

/// Attempts one after the other that each take `took`.
class ConcurrencyTest : public testing::Test {
 protected:
  void answer(Concurrency& concurrency, Nanos took, bool refused, int times = 1) {
    for (int i = 0; i < times; ++i) {
      concurrency.answered(now_, now_ + took, refused, concurrency.allowed());
      now_ += took + 1;
    }
  }
  Nanos now_ = kSecond;
};

TEST_F(ConcurrencyTest, AFixedOneStaysWhateverHappens) {
  Concurrency fixed(4, false);
  answer(fixed, kSecond, true, 10);
  EXPECT_EQ(fixed.allowed(), 4u);
}

TEST_F(ConcurrencyTest, GrowsByOneForEachRoundAndNotBeyondTheMost) {
  Concurrency concurrency(4, true);
  EXPECT_EQ(concurrency.allowed(), 1u);
  answer(concurrency, kMillisecond, false);
  EXPECT_EQ(concurrency.allowed(), 2u);
  answer(concurrency, kMillisecond, false);
  EXPECT_EQ(concurrency.allowed(), 2u);
  answer(concurrency, kMillisecond, false);
  EXPECT_EQ(concurrency.allowed(), 3u);
  answer(concurrency, kMillisecond, false, 100);
  EXPECT_EQ(concurrency.allowed(), 4u);
}

TEST_F(ConcurrencyTest, DoesNotGrowWhileLanesAreIdle) {
  Concurrency concurrency(8, true);
  answer(concurrency, kMillisecond, false);
  for (int i = 0; i < 100; ++i) concurrency.answered(now_, now_ + kMillisecond, false, 1);
  EXPECT_EQ(concurrency.allowed(), 2u);
}

TEST_F(ConcurrencyTest, ARefusalHalvesOnceHoweverManyMeetIt) {
  Concurrency concurrency(8, true);
  answer(concurrency, kMillisecond, false, 100);
  ASSERT_EQ(concurrency.allowed(), 8u);
  const Nanos began = now_;
  for (int i = 0; i < 8; ++i) concurrency.answered(began, began + kSecond, true, 8);
  EXPECT_EQ(concurrency.allowed(), 4u);
  now_ = began + 2 * kSecond;
  answer(concurrency, kMillisecond, true, 5);
  EXPECT_EQ(concurrency.allowed(), 1u);
}

TEST_F(ConcurrencyTest, LateAnswersHalveAndANewNormIsLearnt) {
  Concurrency concurrency(8, true);
  answer(concurrency, 10 * kMillisecond, false, 100);
  ASSERT_EQ(concurrency.allowed(), 8u);
  answer(concurrency, 25 * kMillisecond, false);
  EXPECT_EQ(concurrency.allowed(), 8u) << "not much later";
  answer(concurrency, 500 * kMillisecond, false);
  EXPECT_EQ(concurrency.allowed(), 4u);
  answer(concurrency, 500 * kMillisecond, false, 200);
  EXPECT_EQ(concurrency.allowed(), 8u) << "500 ms is normal now";
}

}  // namespace
}  // namespace acta
