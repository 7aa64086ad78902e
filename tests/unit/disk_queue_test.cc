#include "spool/disk_queue.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <utility>

#include "support/fault_fs.h"
#include "support/spool_documents.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

using test::numbered;

class DiskQueueTest : public testing::Test {
 protected:
  DiskOptions options() {
    DiskOptions made;
    made.directory = dir_.path() + "/spool";
    made.segment_bytes = 4096;
    made.reserve_bytes = 0;
    made.level = 0;
    return made;
  }

  std::unique_ptr<DiskQueue> open(const DiskOptions& options) {
    auto queue = DiskQueue::open(fs_, clock_, options);
    EXPECT_TRUE(queue) << (queue ? "" : queue.error().what);
    return queue ? std::move(*queue) : nullptr;
  }
  std::unique_ptr<DiskQueue> open() { return open(options()); }

  static void append(Queue& queue, size_t batches, size_t count) {
    for (size_t i = 0; i < batches; ++i) {
      auto first = queue.append(numbered(queue.end(), count));
      ASSERT_TRUE(first) << first.error().what;
    }
  }

  /// Reads all that is there and checks that it is the documents from `from` on, in order; returns one past the last.
  static Offset read_all(Reader& reader, Offset from) {
    for (;;) {
      auto span = reader.next(0);
      EXPECT_TRUE(span) << (span ? "" : span.error().what);
      if (!span || !*span) return from;
      EXPECT_EQ((*span)->first, from);
      for (size_t i = 0; i < (*span)->batch->size(); ++i) {
        EXPECT_EQ((*(*span)->batch)[i].meta.id, "id-" + std::to_string(from + i));
      }
      from = (*span)->end();
    }
  }

  test::TempDir dir_;
  PosixFs fs_;
  SystemClock clock_;
};

TEST_F(DiskQueueTest, KeepsDocumentsOverARestart) {
  {
    auto queue = open();
    auto reader = *queue->reader("file");
    append(*queue, 50, 10);
    EXPECT_EQ(queue->safe(), 0u);
    ASSERT_TRUE(queue->sync());
    EXPECT_EQ(queue->safe(), 500u);
    EXPECT_EQ(read_all(*reader, 0), 500u);
    ASSERT_TRUE(reader->commit(123));
    ASSERT_TRUE(queue->sync());
  }
  auto queue = open();
  EXPECT_EQ(queue->end(), 500u);
  EXPECT_EQ(queue->safe(), 500u);
  auto reader = *queue->reader("file");
  EXPECT_EQ(read_all(*reader, 123), 500u);
  append(*queue, 1, 5);
  EXPECT_EQ(read_all(*reader, 500), 505u);
  EXPECT_EQ(queue->counts().lost, 0u);
}

TEST_F(DiskQueueTest, FreesSegmentsWhenTheSlowestReaderHasPassed) {
  auto queue = open();
  auto fast = *queue->reader("fast");
  auto slow = *queue->reader("slow");
  append(*queue, 100, 10);
  ASSERT_TRUE(queue->sync());
  EXPECT_EQ(read_all(*fast, 0), 1000u);
  EXPECT_EQ(read_all(*slow, 0), 1000u);
  const uint64_t full = queue->counts().bytes;
  ASSERT_TRUE(fast->commit(1000));
  ASSERT_TRUE(queue->sync());
  EXPECT_EQ(queue->counts().bytes, full);
  ASSERT_TRUE(slow->commit(1000));
  ASSERT_TRUE(queue->sync());
  EXPECT_LE(queue->counts().bytes, 4096u + 2000u);
}

TEST_F(DiskQueueTest, BlocksWhenFullAndGoesOn) {
  DiskOptions small = options();
  small.bytes_max = 16384;
  auto queue = open(small);
  auto reader = *queue->reader("file");
  Result<Offset> first;
  while ((first = queue->append(numbered(queue->end(), 10)))) {
  }
  EXPECT_EQ(first.error().code, Errc::full);
  const Offset end = queue->end();
  ASSERT_TRUE(queue->sync());
  EXPECT_EQ(read_all(*reader, 0), end);
  ASSERT_TRUE(reader->commit(end));
  ASSERT_TRUE(queue->sync());
  append(*queue, 1, 10);
  EXPECT_EQ(read_all(*reader, end), end + 10);
}

TEST_F(DiskQueueTest, ABatchLargerThanAllTheRoomGetsThroughWhenNothingWaits) {
  DiskOptions small = options();
  small.bytes_max = 1024;
  auto queue = open(small);
  auto reader = *queue->reader("file");
  for (Offset end = 0; end < 300; end += 100) {
    append(*queue, 1, 100);
    auto refused = queue->append(numbered(queue->end(), 1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::full);
    EXPECT_EQ(read_all(*reader, end), end + 100);
    ASSERT_TRUE(reader->commit(end + 100));
    ASSERT_TRUE(queue->sync());
  }
}

TEST_F(DiskQueueTest, DropsTheOldestWhenToldToAndCounts) {
  DiskOptions small = options();
  small.bytes_max = 16384;
  small.when_full = DiskOptions::WhenFull::drop_oldest;
  auto queue = open(small);
  auto reader = *queue->reader("file");
  append(*queue, 50, 10);
  EXPECT_GT(queue->counts().dropped, 0u);
  auto span = reader->next(0);
  ASSERT_TRUE(span && *span);
  EXPECT_EQ((*span)->first, queue->counts().dropped);
  EXPECT_EQ(reader->missed().dropped, queue->counts().dropped);
  const std::vector<Loss> losses = queue->take_losses();
  ASSERT_EQ(losses.size(), 1u);
  EXPECT_EQ(losses[0].reason, LossReason::queue_dropped);
  EXPECT_EQ(losses[0].output, "file");
  EXPECT_EQ(losses[0].count, queue->counts().dropped);
  EXPECT_EQ(losses[0].serials, (std::vector<SerialRange>{{0, losses[0].count - 1}}));
  EXPECT_TRUE(queue->take_losses().empty());
}

TEST_F(DiskQueueTest, WhatAnOutputHasReadIsNotLostToItWhenTheOldestIsDropped) {
  DiskOptions small = options();
  small.bytes_max = 16384;
  small.when_full = DiskOptions::WhenFull::drop_oldest;
  auto queue = open(small);
  auto quick = *queue->reader("quick");
  auto slow = *queue->reader("slow");
  Offset read = 0;
  for (int i = 0; i < 20; ++i) {
    append(*queue, 5, 10);
    read = read_all(*quick, read);
  }
  EXPECT_EQ(quick->missed().all(), 0u);
  auto span = slow->next(0);
  ASSERT_TRUE(span && *span);
  EXPECT_EQ(slow->missed().dropped, (*span)->first);
  for (const Loss& loss : queue->take_losses()) EXPECT_EQ(loss.output, "slow");
}

TEST_F(DiskQueueTest, CutsATornTail) {
  {
    auto queue = open();
    auto reader = *queue->reader("file");
    append(*queue, 3, 10);
    ASSERT_TRUE(queue->sync());
  }
  const std::string path = options().directory + "/" + spool::segment_name(20);
  const std::string whole = *read_file(fs_, path, 1 << 20);
  {
    auto file = *fs_.open(path, OpenMode::append);
    ASSERT_TRUE(file->append(std::string(whole).substr(64, 700)));  // half of a frame that was there before
  }
  auto queue = open();
  EXPECT_EQ(queue->end(), 30u);
  EXPECT_EQ(queue->counts().lost, 0u);
  EXPECT_EQ(queue->recovered().cut_bytes, 700u);
  auto reader = *queue->reader("file");
  EXPECT_EQ(read_all(*reader, 0), 30u);
}

TEST_F(DiskQueueTest, EncryptsAndNoticesTampering) {
  DiskOptions secret = options();
  secret.key = std::string(32, 'k');
  {
    auto queue = open(secret);
    auto reader = *queue->reader("file");
    append(*queue, 3, 10);
    ASSERT_TRUE(queue->sync());
  }
  const std::string path = secret.directory + "/" + spool::segment_name(0);
  EXPECT_EQ(read_file(fs_, path, 1 << 20)->find("offset"), std::string::npos);
  EXPECT_EQ(DiskQueue::open(fs_, clock_, options()).error().code, Errc::denied);
  auto queue = open(secret);
  auto reader = *queue->reader("file");
  EXPECT_EQ(read_all(*reader, 0), 30u);
}

TEST_F(DiskQueueTest, ManyBytesWantASyncBeforeItsTime) {
  DiskOptions made = options();
  made.segment_bytes = 64u << 20;
  auto queue = open(made);
  uint64_t wanted = 0;
  queue->on_sync_wanted([&] { ++wanted; });
  Batch large;
  large.add({.timestamp = 1, .id = "id", .dataset = "d", .key = "k"}, std::string(DiskQueue::kSyncBytes / 2, 'x'));
  ASSERT_TRUE(queue->append(Batch(large)));
  EXPECT_EQ(wanted, 0u);
  ASSERT_TRUE(queue->append(Batch(large)));
  EXPECT_EQ(wanted, 1u);
  ASSERT_TRUE(queue->sync());
  ASSERT_TRUE(queue->append(std::move(large)));
  EXPECT_EQ(wanted, 1u) << "what was synced is counted no more";
}

// fdatasync that takes its time holds up neither who appends nor who reads; nothing is called safe meanwhile.
TEST_F(DiskQueueTest, ASlowDiskHoldsNobodyUp) {
  test::FaultFs slow(fs_);
  std::promise<void> begun, done;
  DiskOptions made = options();
  made.segment_bytes = 1u << 20;
  auto queue = *DiskQueue::open(slow, clock_, made);
  auto reader = *queue->reader("out");
  append(*queue, 1, 10);
  slow.before_sync = [&, first = true]() mutable {
    if (!std::exchange(first, false)) return;
    begun.set_value();
    done.get_future().wait();
  };
  std::thread syncing([&] { EXPECT_TRUE(queue->sync()); });
  begun.get_future().wait();
  append(*queue, 5, 10);
  EXPECT_EQ(read_all(*reader, 0), 60u);
  EXPECT_TRUE(reader->commit(60));
  EXPECT_EQ(queue->safe(), 0u);
  done.set_value();
  syncing.join();
  EXPECT_EQ(queue->safe(), 10u) << "what was written when it began";
  ASSERT_TRUE(queue->sync());
  EXPECT_EQ(queue->safe(), 60u);
}

TEST_F(DiskQueueTest, OneAgentAtATime) {
  auto queue = open();
  auto second = DiskQueue::open(fs_, clock_, options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::denied);
  EXPECT_NE(second.error().what.find(std::to_string(getpid())), std::string::npos);
}

}  // namespace
}  // namespace acta
