#include "pipeline/tracker.h"

#include <gtest/gtest.h>

#include "pipeline/skip_filter.h"

namespace acta {
namespace {

constexpr Position kNone{UINT64_MAX, UINT64_MAX};

Provenance event(uint64_t key, uint64_t begin, uint64_t end, uint16_t source = 0) {
  return {.source = source, .begin = {1, begin}, .end = {1, end}, .key = key, .records = 1};
}

/// Takes the key from the first byte of an item.
class KeyDecoder final : public Decoder {
 public:
  [[nodiscard]] RawKind kind() const override { return RawKind::audit_record; }
  void feed(const RawItem&, Nanos, EventSink&) override {}
  void idle(Nanos, EventSink&) override {}
  void flush(EventSink&) override {}
  [[nodiscard]] Position oldest_open(uint16_t) const override { return kNone; }
  [[nodiscard]] uint64_t open_records(uint16_t) const override { return 0; }
  [[nodiscard]] uint64_t key_of(const RawItem& item) const override { return static_cast<uint64_t>(item.bytes[0]); }
};

TEST(Tracker, StandsAtTheReadPositionWhenAllIsSafe) {
  Tracker tracker;
  tracker.track(event(7, 0, 10), 0);
  const Cursor cursor = tracker.cursor(0, {1, 10}, kNone, 1);
  EXPECT_EQ(cursor.at, (Position{1, 10}));
  EXPECT_EQ(cursor.read_to, (Position{1, 10}));
  EXPECT_TRUE(cursor.skip.empty());
  EXPECT_EQ(tracker.size(0), 0u);
}

TEST(Tracker, DoesNotPassWhatIsUnsafeOrOpen) {
  Tracker tracker;
  tracker.track(event(1, 0, 10), 0);
  tracker.track(event(2, 10, 20), 1);
  EXPECT_EQ(tracker.cursor(0, {1, 30}, kNone, 0).at, (Position{1, 0}));
  EXPECT_EQ(tracker.cursor(0, {1, 30}, kNone, 1).at, (Position{1, 10}));
  EXPECT_EQ(tracker.cursor(0, {1, 30}, Position{1, 20}, 2).at, (Position{1, 20}));
}

TEST(Tracker, NamesSafeEventsThatTheCursorCutsThroughOrHasNotReached) {
  Tracker tracker;
  tracker.track(event(2, 5, 25), 0);   // around the begin of 1
  tracker.track(event(3, 30, 40), 1);  // after it
  const Cursor cursor = tracker.cursor(0, {1, 40}, Position{1, 10}, 2);
  EXPECT_EQ(cursor.at, (Position{1, 10}));
  ASSERT_EQ(cursor.skip.size(), 2u);
  EXPECT_EQ(cursor.skip[0].key, 2u);
  EXPECT_EQ(cursor.skip[0].begin, (Position{1, 5}));
  EXPECT_EQ(cursor.skip[0].end, (Position{1, 25}));
  EXPECT_EQ(cursor.skip[1].key, 3u);
}

TEST(Tracker, KeepsWhatTheCursorOfTheLastRunNamed) {
  Cursor saved{.at = {1, 10}, .read_to = {1, 40}, .files = {}, .skip = {{.key = 2, .begin = {1, 5}, .end = {1, 25}}}};
  Tracker tracker;
  tracker.resume(0, saved);
  const Cursor early = tracker.cursor(0, {1, 12}, Position{1, 10}, 0);
  ASSERT_EQ(early.skip.size(), 1u);
  EXPECT_EQ(early.skip[0].key, 2u);
  EXPECT_TRUE(tracker.cursor(0, {1, 25}, kNone, 0).skip.empty());
}

TEST(Tracker, RemembersDroppedEventsThatTheCursorCutsThrough) {
  Tracker tracker;
  tracker.dropped(event(4, 5, 25));
  const Cursor cursor = tracker.cursor(0, {1, 30}, Position{1, 10}, 0);
  ASSERT_EQ(cursor.skip.size(), 1u);
  EXPECT_EQ(cursor.skip[0].key, 4u);
}

TEST(Tracker, KeepsSourcesApart) {
  Tracker tracker;
  tracker.track(event(1, 0, 10, 3), 0);
  EXPECT_EQ(tracker.cursor(3, {1, 10}, kNone, 0).at, (Position{1, 0}));
  EXPECT_EQ(tracker.cursor(1, {1, 10}, kNone, 0).at, (Position{1, 10}));
  EXPECT_EQ(tracker.cursor(9, {1, 10}, kNone, 0).at, (Position{1, 10}));
}

TEST(Tracker, IsBoundedByAnEventThatStaysOpen) {
  Tracker tracker;
  constexpr uint64_t kEvents = Tracker::kSafeMax + 1000;
  tracker.track(event(1, 5, kEvents), 0);  // cut through by the cursor below
  for (uint64_t i = 1; i < kEvents; ++i) tracker.track(event(i + 1, 10 * i, 10 * i + 10), i);
  const Cursor cursor = tracker.cursor(0, {1, 10 * kEvents}, Position{1, 7}, kEvents);
  EXPECT_EQ(tracker.size(0), Tracker::kSafeMax);
  EXPECT_EQ(tracker.forgotten(), 1000u);
  EXPECT_LE(cursor.skip.size(), Tracker::kSkipMax + 1);
}

TEST(SkipFilter, SkipsByKeyAndPlaceOnly) {
  const Cursor cursor{
      .at = {1, 10},
      .read_to = {1, 40},
      .files = {},
      .skip = {{.key = 'b', .begin = {1, 5}, .end = {1, 25}}, {.key = 'b', .begin = {1, 30}, .end = {1, 35}}}};
  SkipFilter filter(cursor);
  const KeyDecoder decoder;
  const auto skips = [&](const char* bytes, uint64_t begin, uint64_t end) {
    return filter.skip({.begin = {1, begin}, .end = {1, end}, .bytes = bytes}, decoder);
  };
  EXPECT_FALSE(skips("a", 10, 15));
  EXPECT_TRUE(skips("b", 15, 20));
  EXPECT_FALSE(skips("b", 25, 28)) << "between the ranges: another event of that key";
  EXPECT_TRUE(skips("b", 30, 35));
  EXPECT_FALSE(filter.over());
  EXPECT_FALSE(skips("b", 35, 40));
  EXPECT_TRUE(filter.over());
  EXPECT_EQ(filter.skipped(), 2u);
}

TEST(SkipFilter, SkipsNothingWithoutRanges) {
  SkipFilter filter;
  EXPECT_TRUE(filter.over());
  EXPECT_FALSE(filter.skip({.bytes = "a"}, KeyDecoder()));
}

}  // namespace
}  // namespace acta
