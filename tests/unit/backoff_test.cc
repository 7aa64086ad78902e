#include "pipeline/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace acta {
namespace {

TEST(Backoff, GrowsToItsCapWithFullJitter) {
  Backoff backoff(kSecond, 60 * kSecond, 1);
  std::vector<Nanos> late;
  for (int i = 0; i < 2000; ++i) {
    const Nanos wait = backoff.next();
    EXPECT_GE(wait, Backoff::kLeast);
    EXPECT_LE(wait, i < 6 ? kSecond << i : 60 * kSecond) << i;
    if (i >= 6) late.push_back(wait);
  }
  // Even over the whole range: a quarter of the draws in each quarter of it, give or take.
  for (int quarter = 0; quarter < 4; ++quarter) {
    const auto in =
        std::count_if(late.begin(), late.end(), [quarter](Nanos wait) { return wait / (15 * kSecond) == quarter; });
    EXPECT_NEAR(static_cast<double>(in) / static_cast<double>(late.size()), 0.25, 0.05) << quarter;
  }
}

TEST(Backoff, BeginsAgainAfterProgress) {
  Backoff backoff(kSecond, 60 * kSecond, 2);
  for (int i = 0; i < 10; ++i) backoff.next();
  EXPECT_EQ(backoff.failures(), 10u);
  backoff.reset();
  EXPECT_LE(backoff.next(), kSecond);
}

TEST(Backoff, SurvivesSillyLimits) {
  for (const auto& [init, max] :
       {std::pair<Nanos, Nanos>{0, 0}, {-5, -5}, {10, 1}, {INT64_MAX, INT64_MAX}, {1, INT64_MAX}}) {
    Backoff backoff(init, max, 3);
    for (int i = 0; i < 200; ++i) EXPECT_GE(backoff.next(), Backoff::kLeast);
  }
}

TEST(Backoff, AnotherSeedIsAnotherSequence) {
  Backoff one(kSecond, kSecond, 1);
  Backoff two(kSecond, kSecond, 2);
  Backoff again(kSecond, kSecond, 1);
  const Nanos first = one.next();
  EXPECT_NE(first, two.next());
  EXPECT_EQ(first, again.next());
}

}  // namespace
}  // namespace acta
