#include <gtest/gtest.h>

#include "processors/audit/log_clock.h"

namespace acta::audit {
namespace {

constexpr Nanos kStart = 1'700'000'000 * kSecond;
constexpr Nanos kWindow = 2 * kSecond;

TEST(AuditLogClock, FollowsStampsInTheWindow) {
  LogClock clock(kWindow);
  clock.see(kStart, 1);
  EXPECT_EQ(clock.elapsed(), 0);
  clock.see(kStart + 4 * kMillisecond, 2);
  clock.see(kStart, 1);
  clock.see(kStart + 4 * kMillisecond, 2);
  clock.see(kStart + 8 * kMillisecond, 3);
  EXPECT_EQ(clock.elapsed(), 8 * kMillisecond);
  EXPECT_TRUE(clock.near(kStart + 8 * kMillisecond + kWindow));
  EXPECT_FALSE(clock.near(kStart + 8 * kMillisecond - kWindow - 1));
}

TEST(AuditLogClock, ALeapNeedsASecondEvent) {
  LogClock clock(kWindow);
  clock.see(kStart, 1);
  clock.see(kStart + 60 * kSecond, 2);
  clock.see(kStart + 60 * kSecond, 2);
  EXPECT_TRUE(clock.near(kStart));
  clock.see(kStart + 61 * kSecond, 3);
  EXPECT_TRUE(clock.near(kStart + 61 * kSecond));
  EXPECT_EQ(clock.elapsed(), kWindow / 4);  // two steps of an eighth
}

TEST(AuditLogClock, AWildStampIsForgotten) {
  LogClock clock(kWindow);
  clock.see(kStart, 1);
  clock.see(INT64_MAX, 2);
  clock.see(kStart + 10 * kSecond, 3);
  EXPECT_TRUE(clock.near(kStart));
  clock.see(kStart + 20 * kSecond, 4);
  EXPECT_TRUE(clock.near(kStart + 10 * kSecond));
  clock.see(0, 5);
  EXPECT_TRUE(clock.near(kStart + 10 * kSecond));
}

TEST(AuditLogClock, GoesBackWhenNothingElseIsSeen) {
  LogClock clock(kWindow);
  clock.see(kStart, 1);
  for (int i = 0; i < 63; ++i) clock.see(kStart - 3600 * kSecond, 2);
  EXPECT_TRUE(clock.near(kStart));
  clock.see(kStart - 3600 * kSecond, 2);
  EXPECT_TRUE(clock.near(kStart - 3600 * kSecond));
  EXPECT_EQ(clock.elapsed(), 0);
}

TEST(AuditLogClock, StampsFromEndToEndDoNotOverflow) {
  LogClock clock(kWindow);
  for (uint64_t i = 0; i < 1000; ++i) clock.see(i % 2 == 0 ? INT64_MAX : 0, i);
  EXPECT_GE(clock.elapsed(), 0);
}

}  // namespace
}  // namespace acta::audit
