#include "queue/memory_queue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <thread>

namespace acta {
namespace {

Batch batch_of(size_t count, size_t bytes_each = 10, size_t first = 0) {
  Batch batch;
  for (size_t i = 0; i < count; ++i) {
    std::string json = std::to_string(first + i);
    json.resize(std::max(json.size(), bytes_each), ' ');
    batch.add({}, json);
  }
  return batch;
}

std::unique_ptr<Reader> reader_of(Queue& queue, const std::string& name) {
  auto reader = queue.reader(name);
  EXPECT_TRUE(reader) << reader.error().what;
  return std::move(*reader);
}

Span next_of(Reader& reader) {
  auto span = reader.next(0);
  EXPECT_TRUE(span && *span);
  return span && *span ? **span : Span{};
}

TEST(MemoryQueue, GivesBackInOrderWhatWasAppended) {
  MemoryQueue queue({});
  const auto reader = reader_of(queue, "a");
  EXPECT_EQ(queue.append(batch_of(3)).value(), 0u);
  EXPECT_EQ(queue.append(batch_of(2, 10, 3)).value(), 3u);
  EXPECT_EQ(queue.end(), 5u);
  const Span first = next_of(*reader);
  EXPECT_EQ(first.first, 0u);
  EXPECT_EQ(first.end(), 3u);
  const Span second = next_of(*reader);
  EXPECT_EQ(second.first, 3u);
  EXPECT_EQ((*second.batch)[1].json.substr(0, 1), "4");
  EXPECT_FALSE(reader->next(0).value().has_value());
}

TEST(MemoryQueue, AnEmptyBatchChangesNothing) {
  MemoryQueue queue({});
  const auto reader = reader_of(queue, "a");
  EXPECT_EQ(queue.append(Batch{}).value(), 0u);
  EXPECT_EQ(queue.end(), 0u);
  EXPECT_FALSE(reader->next(0).value().has_value());
}

TEST(MemoryQueue, RefusesWholeBatchesBeyondItsBoundsAndTakesNothing) {
  MemoryQueue queue({.events_max = 10, .bytes_max = 1000});
  const auto reader = reader_of(queue, "a");
  ASSERT_TRUE(queue.append(batch_of(8)));
  Batch three = batch_of(3);
  const auto refused = queue.append(std::move(three));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::full);
  EXPECT_EQ(three.size(), 3u) << "nothing was taken";
  EXPECT_EQ(queue.end(), 8u);
  EXPECT_TRUE(queue.append(batch_of(2)));
  EXPECT_FALSE(queue.append(batch_of(1)));
  const Offset read = next_of(*reader).end();
  EXPECT_FALSE(queue.append(batch_of(1))) << "read is not committed";
  ASSERT_TRUE(reader->commit(read));
  EXPECT_TRUE(queue.append(std::move(three)));
}

TEST(MemoryQueue, IsBoundedInBytes) {
  MemoryQueue queue({.events_max = 1000, .bytes_max = 100});
  const auto reader = reader_of(queue, "a");
  ASSERT_TRUE(queue.append(batch_of(1, 60)));
  EXPECT_FALSE(queue.append(batch_of(1, 60)));
  EXPECT_TRUE(queue.append(batch_of(1, 40)));
  EXPECT_EQ(queue.held().bytes, 100u);
}

TEST(MemoryQueue, TakesABatchLargerThanItselfWhenEmpty) {
  MemoryQueue queue({.events_max = 2, .bytes_max = 10});
  const auto reader = reader_of(queue, "a");
  EXPECT_TRUE(queue.append(batch_of(5, 100)));
  EXPECT_FALSE(queue.append(batch_of(1, 1)));
}

TEST(MemoryQueue, SafeIsWhatTheSlowestReaderCommitted) {
  MemoryQueue queue({});
  const auto slow = reader_of(queue, "slow");
  const auto fast = reader_of(queue, "fast");
  ASSERT_TRUE(queue.append(batch_of(4)));
  ASSERT_TRUE(queue.append(batch_of(4)));
  next_of(*fast);
  next_of(*fast);
  ASSERT_TRUE(fast->commit(8));
  EXPECT_EQ(queue.safe(), 0u);
  EXPECT_EQ(queue.held().events, 8u);
  next_of(*slow);
  ASSERT_TRUE(slow->commit(3));
  EXPECT_EQ(queue.safe(), 3u);
  EXPECT_EQ(queue.held().events, 8u) << "a batch is freed whole";
  ASSERT_TRUE(slow->commit(4));
  EXPECT_EQ(queue.safe(), 4u);
  EXPECT_EQ(queue.held().events, 4u);
  ASSERT_TRUE(slow->commit(2)) << "an older commit changes nothing";
  EXPECT_EQ(slow->committed(), 4u);
}

TEST(MemoryQueue, WithoutReadersAllIsSafeAndNothingHeld) {
  MemoryQueue queue({.events_max = 1, .bytes_max = 1});
  EXPECT_EQ(queue.append(batch_of(5)).value(), 0u);
  EXPECT_EQ(queue.append(batch_of(5)).value(), 5u);
  EXPECT_EQ(queue.safe(), 10u);
  EXPECT_EQ(queue.held().events, 0u);
}

TEST(MemoryQueue, ASpanOutlivesItsPlaceInTheQueue) {
  MemoryQueue queue({});
  const auto reader = reader_of(queue, "a");
  ASSERT_TRUE(queue.append(batch_of(2)));
  const Span span = next_of(*reader);
  ASSERT_TRUE(reader->commit(2));
  EXPECT_EQ(queue.held().events, 0u);
  EXPECT_EQ((*span.batch)[1].json.substr(0, 1), "1");
}

TEST(MemoryQueue, AReaderThatComesBackGoesOnFromItsCommit) {
  MemoryQueue queue({});
  auto reader = reader_of(queue, "a");
  EXPECT_FALSE(queue.reader("a")) << "it is still there";
  ASSERT_TRUE(queue.append(batch_of(4)));
  ASSERT_TRUE(queue.append(batch_of(4, 10, 4)));
  EXPECT_FALSE(queue.reader("b")) << "new to a queue that has begun";
  next_of(*reader);
  next_of(*reader);
  ASSERT_TRUE(reader->commit(3));
  reader.reset();
  reader = reader_of(queue, "a");
  EXPECT_EQ(reader->committed(), 3u);
  const Span rest = next_of(*reader);
  EXPECT_EQ(rest.first, 3u);
  ASSERT_EQ(rest.batch->size(), 1u);
  EXPECT_EQ((*rest.batch)[0].json.substr(0, 1), "3");
  EXPECT_EQ(next_of(*reader).first, 4u);
}

TEST(MemoryQueue, AfterCloseReadersDrainAndAppendsFail) {
  MemoryQueue queue({});
  const auto reader = reader_of(queue, "a");
  ASSERT_TRUE(queue.append(batch_of(2)));
  queue.close();
  const auto refused = queue.append(batch_of(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::closed);
  EXPECT_EQ(next_of(*reader).end(), 2u);
  EXPECT_FALSE(reader->next(3600 * kSecond).value().has_value()) << "returns at once";
  queue.wait_for_room(3600 * kSecond);
}

TEST(MemoryQueue, CommitBeyondWhatWasReadIsABug) {
  MemoryQueue queue({});
  const auto reader = reader_of(queue, "a");
  ASSERT_TRUE(queue.append(batch_of(2)));
  EXPECT_DEATH(static_cast<void>(reader->commit(1)), "upto");
}

// One writer against small bounds, readers of different speed and commit habits, each on its thread: every reader sees
// every document once, in order, and the bounds hold. Meant for TSan as well.
TEST(MemoryQueueThreads, EveryReaderSeesEverythingInOrder) {
  constexpr size_t kDocuments = 20'000;
  const MemoryLimits limits{.events_max = 300, .bytes_max = 4000};
  MemoryQueue queue(limits);
  std::vector<std::thread> readers;
  std::vector<uint64_t> seen(3, 0);
  for (size_t r = 0; r < seen.size(); ++r) {
    readers.emplace_back([&seen, r, reader = reader_of(queue, "r" + std::to_string(r))] {
      std::mt19937_64 random(r);
      for (Offset done = 0; done < kDocuments;) {
        const auto span = reader->next(kSecond);
        ASSERT_TRUE(span);
        if (!*span) continue;
        for (size_t i = 0; i < (*span)->batch->size(); ++i) {
          ASSERT_EQ((*(*span)->batch)[i].meta.timestamp, static_cast<Nanos>(seen[r]));
          ++seen[r];
        }
        done = (*span)->end();
        if (random() % 4 == 0) std::this_thread::yield();
        const Offset upto = random() % 3 == 0 && done < kDocuments ? (*span)->first : done;
        ASSERT_TRUE(reader->commit(upto));
      }
    });
  }
  std::mt19937_64 random(99);
  for (size_t made = 0; made < kDocuments;) {
    Batch batch;
    const size_t upto = std::min(kDocuments, made + 1 + random() % 50);
    for (size_t i = made; i < upto; ++i) batch.add({.timestamp = static_cast<Nanos>(i)}, "{\"a\":1}");
    while (!queue.append(std::move(batch))) queue.wait_for_room(kSecond);
    const auto held = queue.held();
    EXPECT_LE(held.events, limits.events_max);
    EXPECT_LE(held.bytes, limits.bytes_max);
    EXPECT_LE(queue.safe(), queue.end());
    made = upto;
  }
  queue.close();
  for (std::thread& reader : readers) reader.join();
  for (const uint64_t count : seen) EXPECT_EQ(count, kDocuments);
  EXPECT_EQ(queue.safe(), kDocuments);
  EXPECT_EQ(queue.held().events, 0u);
}

TEST(MemoryQueueThreads, WaitForRoomEndsWhenTheRefusedBatchFits) {
  MemoryQueue queue({.events_max = 10, .bytes_max = 10'000});
  const auto reader = reader_of(queue, "a");
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(queue.append(batch_of(1)));
  Batch five = batch_of(5);
  ASSERT_FALSE(queue.append(std::move(five)));
  std::thread consumer([&reader] {
    for (int i = 0; i < 5; ++i) {
      const Span span = next_of(*reader);
      ASSERT_TRUE(reader->commit(span.end()));
    }
  });
  queue.wait_for_room(60 * kSecond);
  EXPECT_TRUE(queue.append(std::move(five))) << "room for all of it";
  consumer.join();
}

}  // namespace
}  // namespace acta
