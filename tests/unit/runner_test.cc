#include "pipeline/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "queue/memory_queue.h"
#include "support/fake_clock.h"
#include "support/fake_fs.h"
#include "support/fault_fs.h"
#include "support/scripted_output.h"

namespace acta {
namespace {

using test::ScriptedOutput;
using Documents = std::vector<std::string>;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kDeadLetters[] = "/data/dead-letters/out.ndjson";

class RunnerTest : public ::testing::Test {
 protected:
  void start(RunnerOptions options = {}) {
    options.name = "out";
    auto reader = queue_.reader("out");
    ASSERT_TRUE(reader);
    runner_ = std::make_unique<Runner>(options, output_, std::move(*reader), dead_letters_, clock_);
  }

  // Documents {"n":0}, {"n":1} … in one batch.
  void append(size_t count) {
    Batch batch;
    for (size_t i = 0; i < count; ++i) {
      const std::string id = std::to_string(appended_);
      batch.add({.id = id}, document(appended_++));
    }
    ASSERT_TRUE(queue_.append(std::move(batch)));
  }

  static std::string document(size_t n) { return "{\"n\":" + std::to_string(n) + "}"; }
  static Documents documents(size_t from, size_t to) {
    Documents all;
    for (size_t n = from; n < to; ++n) all.push_back(document(n));
    return all;
  }

  // Steps until the runner would wait.
  Nanos settle() {
    for (int i = 0; i < 1000; ++i) {
      const Nanos wait = runner_->step();
      check_conservation();
      if (wait > 0) return wait;
    }
    ADD_FAILURE() << "never rests";
    return 0;
  }
  // Steps through waits until nothing waits.
  void finish() {
    for (int i = 0; i < 10'000 && runner_->counters().accepted + runner_->counters().rejected < appended_; ++i) {
      clock_.advance(settle());
    }
  }

  void check_conservation() const {
    const OutputCounters& c = runner_->counters();
    EXPECT_EQ(c.read, c.accepted + c.rejected + c.waiting);
    EXPECT_LE(queue_.safe(), c.accepted + c.rejected);
  }

  test::FakeClock clock_;
  test::FakeFs disk_;
  test::FaultFs fs_{disk_};
  MemoryQueue queue_{{}};
  ScriptedOutput output_;
  DeadLetters dead_letters_{fs_, clock_, "/data/dead-letters", "out"};
  std::unique_ptr<Runner> runner_;
  size_t appended_ = 0;
};

TEST_F(RunnerTest, DeliversInOrderAndCommits) {
  start();
  append(3);
  append(2);
  settle();
  EXPECT_EQ(output_.accepted, documents(0, 5));
  EXPECT_EQ(queue_.safe(), 5u);
  EXPECT_EQ(output_.connected, 1);
  EXPECT_EQ(runner_->counters().accepted, 5u);
  EXPECT_EQ(runner_->counters().bytes, 5 * document(0).size());
  EXPECT_EQ(runner_->counters().waiting, 0u);
}

TEST_F(RunnerTest, ConnectsBeforeTheFirstDocumentComes) {
  start();
  EXPECT_GT(settle(), 0);
  EXPECT_EQ(output_.connected, 1);
  EXPECT_THAT(output_.sent, IsEmpty());
}

TEST_F(RunnerTest, JoinsSmallBatchesAndCutsLargeOnes) {
  start({.bulk_max_events = 4});
  append(1);
  append(1);
  append(11);
  settle();
  EXPECT_EQ(output_.accepted, documents(0, 13));
  std::vector<size_t> sizes;
  for (const auto& sent : output_.sent) sizes.push_back(sent.size());
  EXPECT_THAT(sizes, ElementsAre(2, 4, 4, 3)) << "two joined are half of a send: enough";
}

TEST_F(RunnerTest, CutsByBytesAndSendsALargerDocumentAlone) {
  start({.bulk_max_bytes = 20});
  Batch batch;
  const Documents sizes = {std::string(9, 'a'), std::string(9, 'b'), std::string(50, 'c'), std::string(9, 'd')};
  for (const auto& document : sizes) batch.add({}, document);
  ASSERT_TRUE(queue_.append(std::move(batch)));
  appended_ = sizes.size();
  settle();
  EXPECT_THAT(output_.sent, ElementsAre(Documents{sizes[0], sizes[1]}, Documents{sizes[2]}, Documents{sizes[3]}));
}

TEST_F(RunnerTest, WaitsForMoreUntilTheFlushInterval) {
  start({.bulk_max_events = 100, .flush_interval = 500 * kMillisecond});
  append(1);
  EXPECT_EQ(settle(), 500 * kMillisecond);
  clock_.advance(200 * kMillisecond);
  append(1);
  EXPECT_EQ(settle(), 300 * kMillisecond);
  EXPECT_THAT(output_.sent, IsEmpty());
  clock_.advance(300 * kMillisecond);
  settle();
  EXPECT_THAT(output_.sent, ElementsAre(documents(0, 2)));
  append(60);
  settle();
  EXPECT_THAT(output_.sent, SizeIs(2)) << "full enough: sent at once";
}

TEST_F(RunnerTest, RetriesOnlyWhatWasRefused) {
  start();
  int attempts = 0;
  output_.answer = [&attempts](const Documents& sent) {
    Attempt attempt = Attempt::all(Fate::accepted, sent.size(), "busy");
    if (++attempts == 1) attempt.fate = {Fate::accepted, Fate::retry, Fate::accepted, Fate::retry, Fate::accepted};
    if (attempts == 2) attempt.fate = {Fate::retry, Fate::accepted};
    return attempt;
  };
  append(5);
  EXPECT_GT(settle(), 0);
  EXPECT_EQ(queue_.safe(), 1u) << "up to the first refused";
  EXPECT_EQ(runner_->counters().accepted, 3u);
  EXPECT_EQ(runner_->counters().waiting, 2u);
  append(2);
  finish();
  EXPECT_THAT(output_.sent, ElementsAre(documents(0, 5), Documents{document(1), document(3)}, Documents{document(1)},
                                        documents(5, 7)));
  EXPECT_EQ(queue_.safe(), 7u);
  EXPECT_EQ(runner_->counters().retried, 3u);
  EXPECT_EQ(output_.connected, 1) << "what answers for single documents is connected";
}

TEST_F(RunnerTest, CommitsTheContiguousPart) {
  start();
  output_.answer = [](const Documents& sent) {
    Attempt attempt = Attempt::all(Fate::accepted, sent.size());
    if (sent.size() == 5) attempt.fate[2] = Fate::retry;
    return attempt;
  };
  append(5);
  settle();
  EXPECT_EQ(queue_.safe(), 2u);
  finish();
  EXPECT_EQ(queue_.safe(), 5u);
}

TEST_F(RunnerTest, RetriesForEverWithGrowingCappedWaits) {
  start({.backoff_init = kSecond, .backoff_max = 10 * kSecond, .seed = 7});
  bool up = false;
  output_.answer = [&up](const Documents& sent) {
    return Attempt::all(up ? Fate::accepted : Fate::retry, sent.size(), "connection refused");
  };
  append(3);
  Nanos longest = 0;
  for (int i = 0; i < 500; ++i) {
    const Nanos wait = settle();
    ASSERT_GE(wait, kMillisecond);
    ASSERT_LE(wait, std::min<Nanos>(10 * kSecond, kSecond << std::min(i, 10)));
    longest = std::max(longest, wait);
    EXPECT_EQ(output_.sent.size(), static_cast<size_t>(i + 1)) << "no attempt before its time";
    clock_.advance(wait);
  }
  EXPECT_GT(longest, 5 * kSecond);
  EXPECT_NE(runner_->counters().failing_since, 0);
  EXPECT_EQ(output_.connected, 500) << "after a whole refusal it connects again";
  up = true;
  finish();
  EXPECT_EQ(output_.accepted, documents(0, 3));
  EXPECT_EQ(runner_->counters().failing_since, 0);
}

TEST_F(RunnerTest, HonoursTheDestinationsWishWithinReason) {
  start({.backoff_init = kSecond, .backoff_max = kSecond});
  Nanos wish = 120 * kSecond;
  output_.answer = [&wish](const Documents& sent) {
    Attempt attempt = Attempt::all(Fate::retry, sent.size(), "429");
    attempt.retry_after = wish;
    return attempt;
  };
  append(1);
  EXPECT_EQ(settle(), 120 * kSecond);
  clock_.advance(120 * kSecond);
  wish = 1'000'000 * kSecond;
  EXPECT_EQ(settle(), 3600 * kSecond);
  clock_.advance(3600 * kSecond);
  wish = -5;
  EXPECT_LE(settle(), kSecond);
}

TEST_F(RunnerTest, TriesToConnectUntilItWorks) {
  start();
  for (int i = 0; i < 3; ++i) output_.connects.push_back(fail(Errc::io, "no route"));
  append(2);
  finish();
  EXPECT_EQ(output_.accepted, documents(0, 2));
  EXPECT_EQ(output_.connected, 4);
  EXPECT_EQ(runner_->counters().connect_failed, 3u);
}

TEST_F(RunnerTest, RejectedDocumentsGoToTheDeadLettersBeforeTheCommit) {
  start();
  output_.answer = [](const Documents& sent) {
    Attempt attempt = Attempt::all(Fate::accepted, sent.size(), "mapping");
    if (sent.size() == 4) attempt.fate = {Fate::accepted, Fate::rejected, Fate::rejected, Fate::accepted};
    attempt.reasons = {{.at = 2, .why = "not a \"date\""}};
    return attempt;
  };
  append(4);
  settle();
  EXPECT_EQ(queue_.safe(), 4u);
  EXPECT_EQ(runner_->counters().accepted, 2u);
  EXPECT_EQ(runner_->counters().rejected, 2u);
  const std::string time = "\"time\":\"2026-11-";
  const std::string text = disk_.content(kDeadLetters);
  EXPECT_THAT(text, HasSubstr(time));
  EXPECT_THAT(text, HasSubstr("\"output\":\"out\",\"why\":\"mapping\",\"id\":\"1\",\"document\":{\"n\":1}}\n"));
  EXPECT_THAT(text, HasSubstr("\"why\":\"not a \\\"date\\\"\",\"id\":\"2\",\"document\":{\"n\":2}}\n"));
  std::mt19937_64 random(1);
  disk_.crash(test::FakeFs::Loss::everything, random);
  EXPECT_EQ(disk_.content(kDeadLetters), text) << "file and directory were synced";
  EXPECT_EQ(disk_.stat(kDeadLetters).value().mode & 0777u, 0600u);
}

TEST_F(RunnerTest, WhatTheOutputHasPutAwayNeedsNoDeadLetter) {
  start();
  output_.answer = [](const Documents& sent) {
    Attempt attempt = Attempt::all(Fate::rejected, sent.size(), "mapping");
    attempt.reasons = {{.at = 0, .why = "mapping", .kept = true}};
    return attempt;
  };
  append(2);
  settle();
  EXPECT_EQ(runner_->counters().rejected, 2u);
  EXPECT_THAT(disk_.content(kDeadLetters), HasSubstr("\"id\":\"1\""));
  EXPECT_THAT(disk_.content(kDeadLetters), testing::Not(HasSubstr("\"id\":\"0\"")));
}

TEST_F(RunnerTest, ADeadLetterFileThatCannotBeWrittenIsARetry) {
  using Op = test::FaultFs::Op;
  for (const Op op : {Op::make_dirs, Op::open, Op::append, Op::sync, Op::sync_dir}) fs_.fail(op, ENOSPC, 2);
  start();
  output_.answer = [](const Documents& sent) {
    Attempt attempt = Attempt::all(Fate::accepted, sent.size(), "mapping");
    attempt.fate.back() = Fate::rejected;
    return attempt;
  };
  append(3);
  settle();
  EXPECT_EQ(runner_->counters().accepted, 2u) << "the others are done with";
  EXPECT_EQ(runner_->counters().rejected, 0u);
  EXPECT_EQ(queue_.safe(), 2u);
  finish();
  EXPECT_EQ(runner_->counters().rejected, 1u);
  EXPECT_GE(runner_->counters().dead_letters_failed, 8u);
  EXPECT_EQ(queue_.safe(), 3u);
  const std::string text = disk_.content(kDeadLetters);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
}

TEST_F(RunnerTest, HalvesWhatIsTooLargeDownToOneDocument) {
  start({.bulk_max_events = 16});
  output_.answer = [](const Documents& sent) {
    const bool poisoned = std::find(sent.begin(), sent.end(), "{\"n\":5}") != sent.end();
    Attempt attempt = Attempt::all(Fate::accepted, sent.size());
    if (poisoned || sent.size() > 4) {
      attempt = {.why = "413"};
      attempt.too_large = true;
    }
    return attempt;
  };
  append(16);
  append(2);
  settle();
  EXPECT_EQ(runner_->counters().accepted, 17u);
  EXPECT_EQ(runner_->counters().rejected, 1u);
  EXPECT_EQ(queue_.safe(), 18u);
  Documents expected = documents(0, 18);
  expected.erase(expected.begin() + 5);
  EXPECT_EQ(output_.accepted, expected) << "in order";
  EXPECT_THAT(disk_.content(kDeadLetters), HasSubstr("\"why\":\"413\",\"id\":\"5\""));
}

TEST_F(RunnerTest, GrowsBackAfterHalving) {
  start({.bulk_max_events = 8});
  bool small = true;
  output_.answer = [&small](const Documents& sent) {
    Attempt attempt = Attempt::all(Fate::accepted, sent.size());
    attempt.too_large = small && sent.size() > 1;
    return attempt;
  };
  append(8);
  settle();
  small = false;
  for (int i = 0; i < 4; ++i) {
    append(8);
    settle();
  }
  EXPECT_EQ(output_.sent.back().size(), 8u);
}

TEST_F(RunnerTest, TicksAboutOnceInAnInterval) {
  start({.tick_interval = kSecond});
  settle();
  EXPECT_EQ(output_.ticked, 1);
  for (int i = 0; i < 10; ++i) {
    clock_.advance(250 * kMillisecond);
    append(1);
    settle();
  }
  EXPECT_EQ(output_.ticked, 3);
  output_.ticks.push_back(fail(Errc::io, "cannot rotate"));
  clock_.advance(kSecond);
  settle();
  EXPECT_NE(runner_->counters().failing_since, 0);
  append(1);
  finish();
  EXPECT_EQ(output_.connected, 2) << "connected anew after a tick that failed";
  EXPECT_EQ(output_.accepted.size(), 11u);
}

TEST_F(RunnerTest, StopDeliversWhatIsInTheQueueAndCloses) {
  start({.flush_interval = 3600 * kSecond});
  append(3);
  settle();
  EXPECT_THAT(output_.sent, IsEmpty());
  queue_.close();
  runner_->stop(clock_.monotonic() + 10 * kSecond);
  EXPECT_EQ(settle(), Runner::kNever);
  EXPECT_TRUE(runner_->ended());
  EXPECT_EQ(output_.accepted, documents(0, 3));
  EXPECT_EQ(queue_.safe(), 3u);
  EXPECT_EQ(output_.closed, 1);
  EXPECT_EQ(runner_->step(), Runner::kNever);
}

TEST_F(RunnerTest, StopGivesUpAtItsDeadlineAndLeavesTheRestUncommitted) {
  start();
  output_.answer = [](const Documents& sent) {
    Attempt attempt = Attempt::all(Fate::retry, sent.size(), "down");
    attempt.fate[0] = sent[0] == "{\"n\":0}" ? Fate::accepted : Fate::retry;
    return attempt;
  };
  append(3);
  settle();
  const Nanos deadline = clock_.monotonic() + 10 * kSecond;
  runner_->stop(deadline);
  while (!runner_->ended()) clock_.advance(std::min(settle(), 20 * kSecond));
  EXPECT_LE(clock_.monotonic(), deadline + 20 * kSecond);
  EXPECT_GE(output_.sent.size(), 2u);
  EXPECT_EQ(queue_.safe(), 1u);
  EXPECT_EQ(runner_->counters().waiting, 2u);
  for (const Nanos given : output_.deadlines) EXPECT_LE(given, std::max(deadline, 91 * kSecond));
  EXPECT_LE(output_.deadlines.back(), deadline) << "an attempt may not outlast the stop";
}

TEST_F(RunnerTest, ADestinationThatIsGoneEndsIt) {
  start();
  output_.answer = [](const Documents& sent) {
    Attempt attempt = Attempt::all(Fate::retry, sent.size(), "closed");
    attempt.fate[0] = Fate::accepted;
    attempt.gone = true;
    return attempt;
  };
  append(3);
  EXPECT_EQ(settle(), Runner::kNever);
  EXPECT_TRUE(runner_->gone());
  EXPECT_TRUE(runner_->ended());
  EXPECT_EQ(queue_.safe(), 1u);
}

TEST_F(RunnerTest, AWrongNumberOfFatesIsABug) {
  start();
  output_.answer = [](const Documents&) { return Attempt::all(Fate::accepted, 1); };
  append(2);
  EXPECT_DEATH(static_cast<void>(runner_->step()), "fate");
}

// The thread body, with a slow producer and stops at random: meant for TSan as well.
TEST(RunnerThreads, RunsUntilItIsStopped) {
  for (int round = 0; round < 20; ++round) {
    const SystemClock clock;
    test::FakeFs disk;
    MemoryQueue queue({.events_max = 64, .bytes_max = 1 << 20});
    ScriptedOutput output;
    int attempts = 0;
    output.answer = [&attempts](const Documents& sent) {
      return Attempt::all(++attempts % 5 == 0 ? Fate::retry : Fate::accepted, sent.size(), "busy");
    };
    DeadLetters dead_letters(disk, clock, "/d", "out");
    Runner runner({.name = "out", .bulk_max_events = 16, .backoff_init = kMillisecond, .backoff_max = kMillisecond},
                  output, std::move(*queue.reader("out")), dead_letters, clock);
    std::thread thread([&runner] { runner.run(); });
    constexpr size_t kDocuments = 500;
    for (size_t n = 0; n < kDocuments; ++n) {
      Batch batch;
      batch.add({}, "{}");
      while (!queue.append(std::move(batch))) queue.wait_for_room(kSecond);
    }
    queue.close();
    runner.stop(clock.monotonic() + 60 * kSecond);
    thread.join();
    EXPECT_TRUE(runner.ended());
    EXPECT_EQ(runner.counters().accepted, kDocuments);
    EXPECT_EQ(output.accepted.size(), kDocuments);
    EXPECT_EQ(queue.safe(), kDocuments);
  }
}

TEST(RunnerThreads, AStopInterruptsABackoff) {
  const SystemClock clock;
  test::FakeFs disk;
  MemoryQueue queue({});
  ScriptedOutput output;
  output.answer = [](const Documents& sent) { return Attempt::all(Fate::retry, sent.size(), "down"); };
  DeadLetters dead_letters(disk, clock, "/d", "out");
  Runner runner({.name = "out", .backoff_init = 3600 * kSecond, .backoff_max = 3600 * kSecond}, output,
                std::move(*queue.reader("out")), dead_letters, clock);
  Batch batch;
  batch.add({}, "{}");
  ASSERT_TRUE(queue.append(std::move(batch)));
  std::thread thread([&runner] { runner.run(); });
  while (runner.counters().attempts == 0) std::this_thread::yield();
  const Nanos begin = clock.monotonic();
  runner.stop(begin + 50 * kMillisecond);
  thread.join();
  EXPECT_LT(clock.monotonic() - begin, 5 * kSecond);
  EXPECT_EQ(queue.safe(), 0u);
  EXPECT_EQ(runner.counters().waiting, 1u);
}

}  // namespace
}  // namespace acta
