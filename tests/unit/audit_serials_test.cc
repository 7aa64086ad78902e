#include <gtest/gtest.h>

#include "sys/audit/serials.h"

namespace acta::kaudit {
namespace {

constexpr Nanos kLater = 10 * kSecond;

std::vector<SerialRange> missing_of(const std::vector<uint32_t>& seen) {
  Serials serials;
  for (const uint32_t serial : seen) serials.see(serial, 0);
  return serials.missing(kLater);
}

TEST(Serials, NothingIsMissingOfWhatCameInAnyOrder) {
  EXPECT_TRUE(missing_of({}).empty());
  EXPECT_TRUE(missing_of({7, 7, 7, 8, 8}).empty());
  EXPECT_TRUE(missing_of({7, 9, 8, 10, 13, 11, 12}).empty());
}

TEST(Serials, AHoleIsMissingOnceAndOnlyAfterItsTime) {
  Serials serials;
  serials.see(7, 0);
  serials.see(11, kSecond);
  EXPECT_TRUE(serials.missing(kSecond + Serials::kPatience - 1).empty());
  EXPECT_EQ(serials.missing(kSecond + Serials::kPatience), (std::vector<SerialRange>{{8, 10}}));
  EXPECT_TRUE(serials.missing(kLater).empty());
}

TEST(Serials, HolesAreFilledFromTheirEndsAndTheirMiddle) {
  EXPECT_EQ(missing_of({1, 10, 2}), (std::vector<SerialRange>{{3, 9}}));
  EXPECT_EQ(missing_of({1, 10, 9}), (std::vector<SerialRange>{{2, 8}}));
  EXPECT_EQ(missing_of({1, 10, 5}), (std::vector<SerialRange>{{2, 4}, {6, 9}}));
  EXPECT_EQ(missing_of({1, 10, 20, 5}), (std::vector<SerialRange>{{2, 4}, {6, 9}, {11, 19}}));
}

TEST(Serials, TheCounterWraps) {
  EXPECT_TRUE(missing_of({UINT32_MAX - 1, UINT32_MAX, 0, 1}).empty());
  const auto gone = missing_of({UINT32_MAX - 1, 2});
  EXPECT_EQ(gone, (std::vector<SerialRange>{{UINT32_MAX, 1}}));
  EXPECT_EQ(count_of(gone), 3u);
}

TEST(Serials, AnotherCounterIsNoGap) {
  EXPECT_TRUE(missing_of({5, 900'000'000}).empty());
}

TEST(Serials, ManyHolesAreBounded) {
  Serials serials;
  constexpr uint32_t kHoles = 5000;
  for (uint32_t i = 0; i < kHoles; ++i) serials.see(2 * i, 0);
  const auto gone = serials.missing(kLater);
  EXPECT_EQ(count_of(gone), kHoles - 1);
}

}  // namespace
}  // namespace acta::kaudit
