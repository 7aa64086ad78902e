#include "sys/record_ring.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <set>
#include <string>
#include <thread>

namespace acta {
namespace {

constexpr RecordRing::Place kPlace{.source = 3, .run = 2};

std::string text_of(const RawBatch& batch) {
  std::string text;
  for (size_t i = 0; i < batch.size(); ++i) text.append(batch[i].bytes).append(",");
  return text;
}

bool readable(const RecordRing& ring) {
  pollfd fd{.fd = ring.poll_fd(), .events = POLLIN, .revents = 0};
  return ::poll(&fd, 1, 0) == 1;
}

void expect_sum(const RecordRing& ring) {
  const RecordRing::Counts counts = ring.counts();
  EXPECT_EQ(counts.received, counts.given + counts.dropped + counts.held);
}

TEST(RecordRing, GivesInOrderWhatWasPushed) {
  RecordRing ring({});
  EXPECT_FALSE(readable(ring));
  EXPECT_TRUE(ring.push("a", 1, 10));
  EXPECT_TRUE(ring.push("bb", 1, 11));
  EXPECT_TRUE(ring.push("", 2, 12));
  EXPECT_FALSE(readable(ring)) << "the round has not ended";
  ring.tell();
  EXPECT_TRUE(readable(ring));
  EXPECT_EQ(ring.counts().held_bytes, 3u);
  RawBatch batch;
  EXPECT_FALSE(ring.drain(batch, kPlace));
  EXPECT_FALSE(readable(ring));
  EXPECT_EQ(text_of(batch), "a,bb,,");
  EXPECT_EQ(batch[1].source, 3);
  EXPECT_EQ(batch[1].begin, (Position{2, 1}));
  EXPECT_EQ(batch[1].end, (Position{2, 2}));
  EXPECT_TRUE(batch.losses().empty());
  EXPECT_EQ(ring.counts().held, 0u);
  EXPECT_EQ(ring.counts().held_most, 3u);
  EXPECT_FALSE(ring.drain(batch, kPlace)) << "nothing is there";
  expect_sum(ring);
}

TEST(RecordRing, DropsTheNewestBeyondItsRecordsAndSaysWhich) {
  RecordRing ring({.records_max = 2, .bytes_max = 1000});
  EXPECT_TRUE(ring.push("a", 101, 10));
  EXPECT_TRUE(ring.push("b", 102, 11));
  EXPECT_FALSE(ring.push("c", 103, 12));
  EXPECT_FALSE(ring.push("d", 103, 13));
  EXPECT_FALSE(ring.push("e", 105, 14));
  RawBatch batch;
  ring.drain(batch, kPlace);
  EXPECT_TRUE(ring.push("f", 106, 15));
  ring.drain(batch, kPlace);
  EXPECT_EQ(text_of(batch), "a,b,f,");
  EXPECT_EQ(batch[2].begin, (Position{2, 5})) << "dropped ones have numbers too";
  ASSERT_EQ(batch.losses().size(), 1u);
  EXPECT_EQ(batch.losses()[0].at, 2u) << "where they are missing";
  const Loss& loss = batch.losses()[0].loss;
  EXPECT_EQ(loss.reason, LossReason::ring_full);
  EXPECT_EQ(loss.source, 3);
  EXPECT_EQ(loss.count, 3u);
  EXPECT_EQ(loss.from, 12);
  EXPECT_EQ(loss.to, 14);
  EXPECT_EQ(loss.serials, (std::vector<SerialRange>{{103, 103}, {105, 105}}));
  EXPECT_EQ(ring.counts().dropped, 3u);
  expect_sum(ring);
}

TEST(RecordRing, DropsBeyondItsBytesAndWhatNeverFits) {
  RecordRing ring({.records_max = 100, .bytes_max = 10});
  EXPECT_FALSE(ring.push(std::string(11, 'x'), 1, 1)) << "larger than the ring";
  ring.tell();
  EXPECT_TRUE(readable(ring)) << "a loss alone is told too";
  EXPECT_TRUE(ring.push("12345678", 2, 2));
  EXPECT_FALSE(ring.push("abc", 3, 3));
  EXPECT_TRUE(ring.push("de", 4, 4)) << "a smaller one fits";
  RawBatch batch;
  ring.drain(batch, kPlace);
  EXPECT_EQ(text_of(batch), "12345678,de,");
  ASSERT_EQ(batch.losses().size(), 2u);
  EXPECT_EQ(batch.losses()[0].at, 0u);
  EXPECT_EQ(batch.losses()[1].at, 1u);
  expect_sum(ring);
}

TEST(RecordRing, KeepsALossOfTheSocketInItsPlace) {
  RecordRing ring({});
  const Loss overrun{.reason = LossReason::socket_overrun, .at_least = true, .from = 5, .to = 5};
  ring.push("a", 1, 1);
  ring.lost(overrun);
  ring.lost(overrun);
  ring.push("b", 9, 9);
  RawBatch batch;
  ring.drain(batch, kPlace);
  ASSERT_EQ(batch.losses().size(), 1u) << "told once for one place";
  EXPECT_EQ(batch.losses()[0].at, 1u);
  EXPECT_EQ(batch.losses()[0].loss.source, 3);
  EXPECT_TRUE(batch.losses()[0].loss.at_least);
}

TEST(RecordRing, IsDrainedInPartsAndBoundsItsLosses) {
  RecordRing ring({.records_max = 1'000'000, .bytes_max = 1u << 20});
  const std::string record(1000, 'r');
  size_t pushed = 0;
  while (ring.push(record, ++pushed, 1)) {
  }
  RawBatch batch;
  size_t drains = 1;
  for (; ring.drain(batch, kPlace); ++drains) {
    EXPECT_TRUE(readable(ring));
    EXPECT_LE(batch.bytes(), RecordRing::kPartBytes);
    batch.clear();
  }
  EXPECT_GE(drains, 8u);
  for (int i = 0; i < 5000; ++i) {
    ring.push("x", 1, 1);
    ring.lost({.reason = LossReason::socket_overrun, .count = 1});
  }
  batch.clear();
  ring.drain(batch, kPlace);
  EXPECT_LE(batch.losses().size(), 256u);
  uint64_t lost = 0;
  for (const auto& [at, loss] : batch.losses()) lost += loss.count;
  EXPECT_EQ(lost, 5000u);
}

// A pusher at full speed and a drainer that falls behind now and then: nothing is doubled, nothing vanishes untold.
TEST(RecordRing, TwoThreadsLoseNothingUntold) {
  constexpr uint64_t kRecords = 300'000;
  RecordRing ring({.records_max = 2000, .bytes_max = 64u << 10});
  std::thread pusher([&ring] {
    for (uint64_t serial = 1; serial <= kRecords; ++serial) {
      ring.push(std::to_string(serial), serial, 1);
      if (serial % 10 == 0) ring.tell();
    }
  });
  uint64_t given = 0;
  uint64_t lost = 0;
  uint64_t last = 0;
  while (given + lost < kRecords) {
    pollfd fd{.fd = ring.poll_fd(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&fd, 1, 10'000), 1) << "nothing comes: " << given << " given, " << lost << " lost";
    RawBatch batch;
    ring.drain(batch, kPlace);
    for (const auto& [at, loss] : batch.losses()) lost += loss.count;
    for (size_t i = 0; i < batch.size(); ++i) {
      const uint64_t serial = std::stoull(std::string(batch[i].bytes));
      ASSERT_GT(serial, last);
      last = serial;
    }
    given += batch.size();
    if (given % 7 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  pusher.join();
  const RecordRing::Counts counts = ring.counts();
  EXPECT_EQ(counts.received, kRecords);
  EXPECT_EQ(counts.given, given);
  EXPECT_EQ(counts.dropped, lost);
  EXPECT_LE(counts.held_most, 2000u);
  EXPECT_EQ(counts.held, 0u);
}

}  // namespace
}  // namespace acta
