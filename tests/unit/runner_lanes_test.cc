#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "pipeline/runner.h"
#include "pipeline/runner_options.h"
#include "queue/memory_queue.h"
#include "support/fake_clock.h"
#include "support/fake_fs.h"
#include "support/scripted_output.h"

// A runner with several lanes: several outputs to one destination.
namespace acta {
namespace {

using test::ScriptedOutput;
using Documents = std::vector<std::string>;

class RunnerLanesTest : public ::testing::Test {
 protected:
  void start(RunnerOptions options, size_t lanes) {
    options.name = "out";
    std::vector<Output*> outputs;
    for (size_t i = 0; i < lanes; ++i) {
      outputs_.push_back(std::make_unique<ScriptedOutput>());
      outputs_.back()->answer = [this, i](const Documents& sent) { return answer_(i, sent); };
      outputs.push_back(outputs_.back().get());
    }
    runner_ = std::make_unique<Runner>(options, outputs, std::move(*queue_.reader("out")), dead_letters_, clock_);
  }
  void append(size_t batches) {
    for (size_t i = 0; i < batches; ++i) {
      Batch batch;
      batch.add({}, std::to_string(appended_++));
      ASSERT_TRUE(queue_.append(std::move(batch)));
    }
  }
  void check_conservation() const {
    const OutputCounters& c = runner_->counters();
    EXPECT_EQ(c.read, c.accepted + c.rejected + c.waiting);
    EXPECT_LE(queue_.safe(), c.accepted + c.rejected);
  }
  Nanos step(size_t lane) {
    const Nanos wait = runner_->step(lane);
    check_conservation();
    return wait;
  }
  [[nodiscard]] size_t sends() const {
    size_t sends = 0;
    for (const auto& output : outputs_) sends += output->sent.size();
    return sends;
  }
  [[nodiscard]] std::set<std::string> accepted() const {
    std::set<std::string> all;
    for (const auto& output : outputs_) all.insert(output->accepted.begin(), output->accepted.end());
    return all;
  }

  test::FakeClock clock_;
  test::FakeFs disk_;
  MemoryQueue queue_{{}};
  std::function<Attempt(size_t lane, const Documents&)> answer_ = [](size_t, const Documents& sent) {
    return Attempt::all(Fate::accepted, sent.size());
  };
  std::vector<std::unique_ptr<ScriptedOutput>> outputs_;
  DeadLetters dead_letters_{disk_, clock_, "/d", "out"};
  std::unique_ptr<Runner> runner_;
  size_t appended_ = 0;
};

TEST_F(RunnerLanesTest, EachLaneTakesTheNextGroup) {
  start({.bulk_max_events = 1}, 2);
  append(4);
  for (const size_t lane : std::initializer_list<size_t>{0, 1, 1, 0}) step(lane);
  EXPECT_EQ(outputs_[0]->accepted, (Documents{"0", "3"}));
  EXPECT_EQ(outputs_[1]->accepted, (Documents{"1", "2"}));
  EXPECT_EQ(queue_.safe(), 4u);
}

TEST_F(RunnerLanesTest, CommitsOnlyWhatIsContiguous) {
  start({.bulk_max_events = 1}, 2);
  append(5);
  bool refuse = true;
  answer_ = [&refuse](size_t lane, const Documents& sent) {
    return Attempt::all(lane == 0 && refuse ? Fate::retry : Fate::accepted, sent.size(), "busy");
  };
  step(0);  // refused: document 0
  EXPECT_EQ(queue_.safe(), 0u);
  clock_.advance(2 * kSecond);
  refuse = false;
  step(1);
  EXPECT_EQ(outputs_[1]->sent.size(), 0u) << "the lane with documents tries first";
  step(0);
  EXPECT_EQ(queue_.safe(), 1u);
  refuse = true;
  step(1);
  EXPECT_EQ(outputs_[1]->accepted, (Documents{"1"}));
  EXPECT_EQ(queue_.safe(), 2u);
}

TEST_F(RunnerLanesTest, ARefusingDestinationIsTriedByOneAtATime) {
  start({.bulk_max_events = 1}, 4);
  append(8);
  answer_ = [](size_t, const Documents& sent) { return Attempt::all(Fate::retry, sent.size(), "429"); };
  for (size_t lane = 0; lane < 4; ++lane) step(lane);
  EXPECT_EQ(sends(), 1u) << "the first refusal stops all";
  EXPECT_EQ(runner_->counters().circuit, kCircuitOpen);
  for (int round = 2; round < 6; ++round) {
    clock_.advance(61 * kSecond);
    for (size_t lane = 4; lane-- > 0;) step(lane);
    for (size_t lane = 4; lane-- > 0;) step(lane);
    EXPECT_EQ(sends(), static_cast<size_t>(round));
  }
  answer_ = [](size_t, const Documents& sent) { return Attempt::all(Fate::accepted, sent.size()); };
  clock_.advance(61 * kSecond);
  for (int i = 0; i < 10; ++i) {
    for (size_t lane = 0; lane < 4; ++lane) step(lane);
  }
  EXPECT_EQ(runner_->counters().circuit, kCircuitClosed);
  EXPECT_EQ(queue_.safe(), 8u);
  EXPECT_EQ(accepted().size(), 8u);
}

TEST_F(RunnerLanesTest, WhatIsUnderWayHasABound) {
  start({.bulk_max_events = 1, .bulk_max_bytes = 10, .in_flight_bytes_max = 11}, 2);
  append(100);
  answer_ = [](size_t lane, const Documents& sent) {
    return Attempt::all(lane == 0 ? Fate::retry : Fate::accepted, sent.size(), "busy");
  };
  step(0);
  clock_.advance(61 * kSecond);
  for (int i = 0; i < 100; ++i) step(1);
  EXPECT_EQ(outputs_[1]->sent.size(), 0u);
}

TEST_F(RunnerLanesTest, AutoBeginsWithOneAndUsesMoreAsItGoesWell) {
  start({.bulk_max_events = 1, .adaptive = true}, 4);
  append(100);
  EXPECT_GT(step(1), 0);
  EXPECT_EQ(outputs_[1]->sent.size(), 0u);
  step(0);
  EXPECT_EQ(runner_->counters().workers, 2u);
  step(1);
  EXPECT_EQ(outputs_[1]->sent.size(), 1u);
  answer_ = [](size_t, const Documents& sent) { return Attempt::all(Fate::retry, sent.size(), "429"); };
  clock_.advance(1);
  step(0);
  EXPECT_EQ(runner_->counters().workers, 1u);
}

TEST_F(RunnerLanesTest, AStopEndsEveryLane) {
  start({.bulk_max_events = 1, .adaptive = true}, 3);
  append(10);
  runner_->stop(clock_.monotonic() + 10 * kSecond);
  for (int i = 0; i < 50; ++i) {
    for (size_t lane = 0; lane < 3; ++lane) step(lane);
  }
  EXPECT_TRUE(runner_->ended());
  EXPECT_EQ(queue_.safe(), 10u);
  for (const auto& output : outputs_) EXPECT_GE(output->closed, 1);
}

TEST(RunnerOptionsOfSettings, WorkersAreANumberOrAuto) {
  const auto options = [](const std::string& workers) -> Result<RunnerOptions> {
    return runner_options(*make_settings(runner_option_table(), {{"workers", workers}}), "out", 0);
  };
  EXPECT_EQ(options("4")->workers, 4u);
  EXPECT_FALSE(options("4")->adaptive);
  EXPECT_TRUE(options("auto")->adaptive);
  for (const char* bad : {"0", "65", "many", "4x", "-1"}) {
    auto refused = options(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_THAT(refused.error().what, testing::HasSubstr("output.out.workers"));
  }
}

/// Accepts, refuses at random, and can be cut short while it waits.
class BusyOutput final : public Output {
 public:
  explicit BusyOutput(uint64_t seed) : state_(seed * 2 + 1) {}
  Result<> connect() override { return {}; }
  Attempt send(Docs docs, Nanos) override {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    std::this_thread::sleep_for(std::chrono::microseconds(state_ >> 58));
    const bool refuse = (state_ >> 33) % 5 == 0;
    Attempt attempt = Attempt::all(refuse ? Fate::retry : Fate::accepted, docs.size(), "busy");
    if (refuse && docs.size() > 1) attempt.fate[0] = Fate::accepted;
    for (size_t i = 0; i < docs.size(); ++i) {
      if (attempt.fate[i] == Fate::accepted) got.push_back(std::stoul(std::string(docs[i].json)));
    }
    return attempt;
  }
  Result<> tick(Nanos) override { return {}; }
  Result<> close() override { return {}; }

  std::vector<size_t> got;

 private:
  uint64_t state_;
};

TEST(RunnerThreads, LanesDeliverEachDocumentOnce) {
  constexpr size_t kDocuments = 20'000;
  const SystemClock clock;
  test::FakeFs disk;
  MemoryQueue queue({.events_max = 2000, .bytes_max = 1u << 20});
  DeadLetters dead_letters(disk, clock, "/d", "out");
  std::vector<std::unique_ptr<BusyOutput>> outputs;
  std::vector<Output*> lanes;
  for (size_t i = 0; i < 4; ++i) {
    outputs.push_back(std::make_unique<BusyOutput>(i));
    lanes.push_back(outputs.back().get());
  }
  Runner runner({.name = "out", .bulk_max_events = 64, .backoff_init = kMillisecond, .backoff_max = kMillisecond},
                lanes, std::move(*queue.reader("out")), dead_letters, clock);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 4; ++i) threads.emplace_back([&runner, i] { runner.run(i); });
  for (size_t n = 0; n < kDocuments;) {
    Batch batch;
    for (size_t i = 0; i < 50; ++i) batch.add({}, std::to_string(n + i));
    if (queue.append(std::move(batch))) {
      n += 50;
    } else {
      queue.wait_for_room(10 * kMillisecond);
    }
  }
  runner.stop(clock.monotonic() + 60 * kSecond);
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(runner.ended());
  EXPECT_EQ(queue.safe(), kDocuments);
  EXPECT_EQ(runner.counters().accepted, kDocuments);
  std::multiset<size_t> got;
  for (const auto& output : outputs) got.insert(output->got.begin(), output->got.end());
  EXPECT_EQ(got.size(), kDocuments);
  EXPECT_EQ(std::set<size_t>(got.begin(), got.end()).size(), kDocuments);
}

}  // namespace
}  // namespace acta
