// The disk queue on a disk that fails: real files under injected faults.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "spool/compact.h"
#include "spool/disk_queue.h"
#include "spool/survey.h"
#include "support/fake_clock.h"
#include "support/fault_fs.h"
#include "support/seeds.h"
#include "support/spool_documents.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

using Op = test::FaultFs::Op;

class SpoolFaults : public testing::Test {
 protected:
  DiskOptions options() const {
    DiskOptions made;
    made.directory = dir_.path() + "/spool";
    made.segment_bytes = 4096;
    made.reserve_bytes = 0;
    made.level = 0;
    return made;
  }
  std::unique_ptr<DiskQueue> open() { return open(options()); }
  std::unique_ptr<DiskQueue> open(const DiskOptions& options) {
    auto queue = DiskQueue::open(fs_, clock_, options);
    EXPECT_TRUE(queue) << (queue ? "" : queue.error().what);
    return queue ? std::move(*queue) : nullptr;
  }
  static void append(Queue& queue, size_t batches) {
    for (size_t i = 0; i < batches; ++i) ASSERT_TRUE(queue.append(test::numbered(queue.end(), 10)));
  }
  static Offset read_all(Reader& reader, Offset from) {
    while (auto span = *reader.next(0)) {
      EXPECT_EQ(span->first, from);
      from = span->end();
    }
    return from;
  }

  test::TempDir dir_{std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : ""};
  PosixFs real_;
  test::FaultFs fs_{real_};
  test::FakeClock clock_;
};

TEST_F(SpoolFaults, AShortWriteIsCutOffAndTriedAgain) {
  auto queue = open();
  auto reader = *queue->reader("file");
  for (const int sys : {ENOSPC, EIO, EDQUOT, EROFS}) {
    append(*queue, 1);
    fs_.fail(Op::append, sys);  // half of it is written
    const Offset end = queue->end();
    auto refused = queue->append(test::numbered(end, 10));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::full) << "the caller waits";
    append(*queue, 1);
  }
  ASSERT_TRUE(queue->sync());
  EXPECT_EQ(read_all(*reader, 0), 80u);
  reader.reset();
  queue.reset();
  EXPECT_EQ(spool::survey(real_, options().directory, {}, spool::Depth::all)->documents, 80u);
}

TEST_F(SpoolFaults, WhenTheCutFailsTooANewSegmentIsBegun) {
  {
    auto queue = open();
    auto reader = *queue->reader("file");
    for (int i = 0; i < 5; ++i) {
      append(*queue, static_cast<size_t>(i % 2));  // also when nothing but the header is there
      fs_.fail(Op::append, EIO, 1, i == 0 ? 1 : 0);
      fs_.fail(Op::truncate, EIO);
      EXPECT_FALSE(queue->append(test::numbered(queue->end(), 10)));
      append(*queue, 1);
    }
    ASSERT_TRUE(queue->sync());
  }
  auto queue = open();
  EXPECT_EQ(queue->end(), 70u);
  EXPECT_EQ(read_all(**queue->reader("file"), 0), 70u);
  EXPECT_EQ(queue->counts().lost, 0u);
}

TEST_F(SpoolFaults, AFailedSyncEndsItAndNothingUnsyncedIsCalledSafe) {
  auto queue = open();
  append(*queue, 1);
  ASSERT_TRUE(queue->sync());
  append(*queue, 1);
  fs_.fail(Op::sync, EIO);
  EXPECT_FALSE(queue->sync());
  EXPECT_EQ(queue->safe(), 10u);
  EXPECT_FALSE(queue->sync()) << "a second one proves nothing";
  EXPECT_EQ(queue->append(test::numbered(20, 10)).error().code, Errc::io);
}

TEST_F(SpoolFaults, AReaderFileThatCannotBeWrittenHoldsSegmentsBackAndEndsNothing) {
  auto queue = open();
  auto reader = *queue->reader("file");
  append(*queue, 10);
  ASSERT_TRUE(queue->sync());
  EXPECT_EQ(read_all(*reader, 0), 100u);
  ASSERT_TRUE(reader->commit(100));
  const uint64_t bytes = queue->counts().bytes;
  fs_.fail(Op::rename, EROFS);
  ASSERT_TRUE(queue->sync());
  EXPECT_EQ(queue->counts().bytes, bytes);
  ASSERT_TRUE(queue->sync());
  EXPECT_LT(queue->counts().bytes, bytes);
}

TEST_F(SpoolFaults, AnUnreadablePlaceIsAnErrorAndNoLoss) {
  {
    auto queue = open();
    ASSERT_TRUE(queue->reader("file"));
    append(*queue, 6);
    ASSERT_TRUE(queue->sync());
  }
  auto queue = open();
  auto reader = *queue->reader("file");
  for (unsigned skip = 0; skip < 12; ++skip) {
    fs_.fail(Op::read, EIO, 1, skip);
    Offset at = 0;
    for (int errors = 0; errors < 3;) {
      auto span = reader->next(0);
      if (!span) {
        EXPECT_EQ(span.error().code, Errc::io);
        ++errors;
      } else if (!*span) {
        break;
      } else {
        at = (*span)->end();
      }
    }
    if (skip == 0) {
      EXPECT_EQ(at, 60u);
    }
    EXPECT_EQ(reader->missed().all(), 0u);
    reader.reset();
    reader = *queue->reader("file");
  }
  EXPECT_EQ(queue->counts().lost, 0u);
}

TEST_F(SpoolFaults, EveryFailureAtTheStartIsAnErrorAndTheNextStartIsWell) {
  {
    auto queue = open();
    ASSERT_TRUE(queue->reader("file"));
    append(*queue, 6);
    ASSERT_TRUE(queue->sync());
  }
  for (const Op op : {Op::open, Op::read, Op::sync, Op::stat, Op::file_stat, Op::list, Op::sync_dir, Op::lock}) {
    for (unsigned skip = 0; skip < 6; ++skip) {
      fs_.fail(op, EIO, 1, skip);
      auto queue = DiskQueue::open(fs_, clock_, options());
      if (!queue) {
        EXPECT_FALSE(queue.error().what.empty());
      }
      fs_.fail(op, 0, 0);
      queue = tl::unexpected(Error{});
      auto again = open();
      EXPECT_EQ(again->end(), 60u);
      EXPECT_EQ(again->counts().lost, 0u);
      EXPECT_EQ(read_all(**again->reader("file"), 0), 60u);
    }
  }
}

TEST_F(SpoolFaults, RandomFaultsLoseNothing) {
  test::for_seeds(20, [this](uint64_t seed) {
    SCOPED_TRACE(test::say_seed(seed));
    std::filesystem::remove_all(options().directory);
    std::mt19937_64 random(seed);
    auto queue = open();
    auto reader = *queue->reader("file");
    fs_.fail_randomly(&random, 8);
    Offset read = 0;
    Result<> synced;
    for (int i = 0; i < 200 && synced; ++i) {
      static_cast<void>(queue->append(test::numbered(queue->end(), 1 + random() % 20)));
      if (random() % 4 == 0) synced = queue->sync();
      while (random() % 2 == 0) {
        auto span = reader->next(0);
        if (!span || !*span) break;
        ASSERT_EQ((*span)->first, read);
        read = (*span)->end();
        ASSERT_TRUE(reader->commit(read));
      }
    }
    const Offset safe = queue->safe();
    fs_.fail_randomly(nullptr, 0);
    reader.reset();
    queue.reset();
    queue = open();
    EXPECT_GE(queue->end(), safe);
    EXPECT_EQ(queue->counts().lost, 0u);
    reader = *queue->reader("file");
    EXPECT_LE(reader->committed(), read);
    EXPECT_EQ(read_all(*reader, reader->committed()), queue->end());
  });
}

TEST_F(SpoolFaults, DroppedDocumentsAreEachOutputsOwn) {
  DiskOptions small = options();
  small.bytes_max = 12 << 10;
  small.when_full = DiskOptions::WhenFull::drop_oldest;
  auto queue = open(small);
  auto fast = *queue->reader("fast");
  auto slow = *queue->reader("slow");
  Offset seen = 0;
  for (int i = 0; i < 40; ++i) {
    append(*queue, 1);
    seen = read_all(*fast, seen);
    ASSERT_TRUE(fast->commit(seen));
    ASSERT_TRUE(queue->sync());
  }
  EXPECT_EQ(fast->missed().all(), 0u);
  uint64_t delivered = 0;
  while (auto span = *slow->next(0)) delivered += span->batch->size();
  EXPECT_GT(slow->missed().dropped, 0u);
  EXPECT_EQ(delivered + slow->missed().dropped, 400u);
  EXPECT_EQ(queue->counts().dropped, slow->missed().dropped);
}

TEST_F(SpoolFaults, DroppedWhileAReaderHasTheSegmentOpen) {
  DiskOptions small = options();
  small.bytes_max = 12 << 10;
  small.when_full = DiskOptions::WhenFull::drop_oldest;
  {
    auto queue = open(small);
    ASSERT_TRUE(queue->reader("file"));
    append(*queue, 4);
    ASSERT_TRUE(queue->sync());
  }
  auto queue = open(small);
  auto reader = *queue->reader("file");
  auto first = *reader->next(0);  // the oldest segment is open
  ASSERT_TRUE(first);
  append(*queue, 40);
  ASSERT_TRUE(queue->sync());
  uint64_t delivered = first->batch->size();
  while (auto span = *reader->next(0)) delivered += span->batch->size();
  EXPECT_EQ(delivered + reader->missed().dropped, 440u);
  EXPECT_EQ(reader->missed().damaged, 0u);
}

TEST_F(SpoolFaults, OldDocumentsExpireAndAreCounted) {
  DiskOptions aged = options();
  aged.age_max = 3600 * kSecond;
  auto queue = open(aged);
  auto reader = *queue->reader("file");
  append(*queue, 4);
  ASSERT_TRUE(queue->sync());
  clock_.advance(2 * 3600 * kSecond);
  append(*queue, 1);
  ASSERT_TRUE(queue->sync());
  EXPECT_EQ(queue->counts().expired, 40u);
  EXPECT_EQ(read_all(*reader, 40), 50u);
  EXPECT_EQ(reader->missed().expired, 40u);
}

TEST_F(SpoolFaults, AnOutputThatIsRemovedHoldsBackForItsGrace) {
  DiskOptions graced = options();
  graced.removed_output_grace = 3600 * kSecond;
  SystemClock now;  // the age of a reader's file is of the real clock
  clock_.set_realtime(now.realtime());
  {
    auto queue = open(graced);
    ASSERT_TRUE(queue->reader("gone"));
    ASSERT_TRUE(queue->reader("file"));
    append(*queue, 10);
    ASSERT_TRUE(queue->sync());
  }
  auto queue = open(graced);
  auto reader = *queue->reader("file");
  EXPECT_EQ(read_all(*reader, 0), 100u);
  ASSERT_TRUE(reader->commit(100));
  ASSERT_TRUE(queue->sync());
  const uint64_t held = queue->counts().bytes;
  clock_.advance(2 * 3600 * kSecond);
  ASSERT_TRUE(queue->sync());
  EXPECT_LT(queue->counts().bytes, held);
  EXPECT_FALSE(std::filesystem::exists(options().directory + "/gone.reader"));
}

TEST_F(SpoolFaults, ANewOutputBeginsWhereItIsToldAlsoAfterAKill) {
  for (const bool newest : {false, true}) {
    SCOPED_TRACE(newest);
    std::filesystem::remove_all(options().directory);
    DiskOptions told = options();
    told.new_output_at_newest = newest;
    {
      auto queue = open(told);
      ASSERT_TRUE(queue->reader("file"));
      append(*queue, 2);
      ASSERT_TRUE(queue->sync());
    }
    {
      auto queue = open(told);
      ASSERT_TRUE(queue->reader("file"));
      ASSERT_TRUE(queue->reader("new"));
      append(*queue, 2);  // then it is killed: no sync saves the readers' places
    }
    auto queue = open(told);
    EXPECT_EQ((*queue->reader("new"))->committed(), newest ? 20u : 0u);
  }
}

TEST_F(SpoolFaults, TheReserveIsLeftFree) {
  DiskOptions reserved = options();
  reserved.reserve_bytes = *real_.free_bytes(dir_.path()) + (uint64_t{1} << 40);
  auto queue = open(reserved);
  EXPECT_EQ(queue->append(test::numbered(0, 1)).error().code, Errc::full);
  EXPECT_EQ(queue->end(), 0u);
}

TEST_F(SpoolFaults, CompactKeepsWhatWaitsAndDropsWhatAllHave) {
  for (int run = 0; run < 5; ++run) {  // each run begins a segment
    auto queue = open();
    auto reader = *queue->reader("file");
    append(*queue, 1);
    ASSERT_TRUE(queue->sync());
    if (run == 4) {
      EXPECT_EQ(read_all(*reader, 0), 50u);
      ASSERT_TRUE(reader->commit(15));
      ASSERT_TRUE(queue->sync());
    }
  }
  // Dead at any call: nothing is lost, and it can be done again.
  for (unsigned calls = 0;; ++calls) {
    fs_.calls_left = calls;
    auto done = spool::compact(fs_, {.directory = options().directory, .level = 0, .master = {}}, 1 << 20);
    fs_.calls_left.reset();
    {
      auto queue = open();
      auto reader = *queue->reader("file");
      EXPECT_EQ(read_all(*reader, 15), 50u) << calls;
      EXPECT_EQ(reader->missed().all(), 0u);
    }
    if (!done) continue;
    EXPECT_EQ(done->segments_after, 1u);
    break;
  }
  EXPECT_EQ(spool::survey(real_, options().directory, {}, spool::Depth::all)->first, 15u);
}

/// A disk whose fdatasync takes as long as it is told to.
class SlowFs final : public Fs {
 public:
  explicit SlowFs(Fs& under) : under_(under) {}
  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void wait_until_syncing() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return syncing_; });
  }
  void release() {
    {
      const std::lock_guard lock(mutex_);
      held_ = false;
    }
    changed_.notify_all();
  }

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    auto file = under_.open(path, mode);
    if (!file) return file;
    return std::make_unique<SlowFile>(*this, std::move(*file));
  }
  Result<FileStat> stat(const std::string& path) override { return under_.stat(path); }
  Result<> rename(const std::string& from, const std::string& to) override { return under_.rename(from, to); }
  Result<> remove(const std::string& path) override { return under_.remove(path); }
  Result<> sync_dir(const std::string& directory) override { return under_.sync_dir(directory); }
  Result<std::vector<std::string>> list(const std::string& directory) override { return under_.list(directory); }
  Result<> make_dirs(const std::string& directory) override { return under_.make_dirs(directory); }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override { return under_.lock(path); }

 private:
  class SlowFile final : public File {
   public:
    SlowFile(SlowFs& fs, std::unique_ptr<File> under) : fs_(fs), under_(std::move(under)) {}
    Result<> append(std::string_view bytes) override { return under_->append(bytes); }
    Result<> sync() override {
      std::unique_lock lock(fs_.mutex_);
      fs_.syncing_ = fs_.held_;
      fs_.changed_.notify_all();
      fs_.changed_.wait(lock, [this] { return !fs_.held_; });
      lock.unlock();
      return under_->sync();
    }
    Result<size_t> read_at(uint64_t offset, char* into, size_t size) override {
      return under_->read_at(offset, into, size);
    }
    Result<> truncate(uint64_t size) override { return under_->truncate(size); }
    Result<FileStat> stat() override { return under_->stat(); }

   private:
    SlowFs& fs_;
    std::unique_ptr<File> under_;
  };

  Fs& under_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool syncing_ = false;
};

TEST_F(SpoolFaults, ASlowDiskHoldsUpNeitherAppendingNorReading) {
  SlowFs slow(real_);
  auto queue = *DiskQueue::open(slow, clock_, options());
  auto reader = *queue->reader("file");
  append(*queue, 1);
  slow.hold();
  std::thread syncing([&] { EXPECT_TRUE(queue->sync()); });
  slow.wait_until_syncing();
  append(*queue, 20);  // also over the ends of segments
  EXPECT_EQ(read_all(*reader, 0), 210u);
  EXPECT_EQ(queue->safe(), 0u);
  slow.release();
  syncing.join();
  EXPECT_GE(queue->safe(), 10u);
  EXPECT_LE(queue->safe(), 210u);
  ASSERT_TRUE(queue->sync());
  EXPECT_EQ(queue->safe(), 210u);
}

}  // namespace
}  // namespace acta
