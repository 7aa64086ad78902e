#include <gtest/gtest.h>

#include <random>
#include <set>

#include "pipeline/conservation.h"
#include "pipeline/runner.h"
#include "queue/memory_queue.h"
#include "support/fake_clock.h"
#include "support/fake_fs.h"
#include "support/scripted_output.h"
#include "support/seeds.h"

// An hour, in fake time, of a destination that answers 429, 503, resets and garbage by turns while documents keep
// coming: nothing is lost or doubled, what is held is bounded, and the destination is not hammered.
namespace acta {
namespace {

using Documents = std::vector<std::string>;

constexpr Nanos kOutage = 3600 * kSecond;
constexpr size_t kLanes = 4;
constexpr size_t kBatch = 10;

class Outage {
 public:
  explicit Outage(uint64_t seed) : random_(seed) {
    std::vector<Output*> outputs;
    for (size_t i = 0; i < kLanes; ++i) {
      outputs_[i].answer = [this](const Documents& sent) { return answer(sent); };
      outputs.push_back(&outputs_[i]);
    }
    runner_ = std::make_unique<Runner>(RunnerOptions{.name = "out", .bulk_max_events = 50, .seed = seed}, outputs,
                                       std::move(*queue_.reader("out")), dead_letters_, clock_);
  }

  void run() {
    begin_ = clock_.monotonic();
    end_ = begin_ + kOutage;
    while (clock_.monotonic() < end_) step();
    attempts_in_outage_ = runner_->counters().attempts + runner_->counters().connect_failed;
    for (test::ScriptedOutput& output : outputs_) output.connects.clear();  // it is back
    for (int i = 0; i < 100'000 && queue_.safe() < appended_; ++i) step();
    ASSERT_EQ(queue_.safe(), queue_.end());
    EXPECT_EQ(accepted_.size(), queue_.end());
    EXPECT_EQ(doubled_, 0u);
    EXPECT_GT(appended_, 1000u);
    // At most one try at a time, with waits of 30 s in the mean once they have grown.
    EXPECT_LT(attempts_in_outage_, 2000u);
    EXPECT_GT(attempts_in_outage_, 50u);
    EXPECT_EQ(runner_->counters().circuit, kCircuitClosed);
    EXPECT_EQ(runner_->counters().failing_since, 0);
  }

 private:
  void step() {
    if (appended_ < kDocumentsMax && random_() % 4 == 0) append();
    Nanos wait = Runner::kNever;
    for (size_t lane = 0; lane < kLanes; ++lane) {
      if (in_outage() && random_() % 8 == 0) outputs_[lane].connects.push_back(fail(Errc::io, "connection reset"));
      wait = std::min(wait, runner_->step(lane));
    }
    const OutputSum sum = sum_of("out", runner_->counters(), 0, 0, queue_.end());
    ASSERT_TRUE(sum.holds()) << sum.text();
    ASSERT_LE(queue_.held().events, kQueue.events_max);
    clock_.advance(std::max<Nanos>(std::min(wait, kSecond), kMillisecond));
  }

  void append() {
    Batch batch;
    for (size_t i = 0; i < kBatch; ++i) batch.add({}, std::to_string(appended_ + i));
    if (queue_.append(std::move(batch))) appended_ += kBatch;
  }

  [[nodiscard]] bool in_outage() const { return clock_.monotonic() < end_; }

  Attempt answer(const Documents& sent) {
    Attempt attempt = Attempt::all(Fate::accepted, sent.size());
    // By turns, ten minutes each; now and then something gets through.
    if (in_outage() && random_() % 20 != 0) {
      switch ((clock_.monotonic() - begin_) / (600 * kSecond) % 4) {
        case 0:
          attempt = Attempt::all(Fate::retry, sent.size(), "429");
          attempt.retry_after = static_cast<Nanos>(random_() % 20) * kSecond;
          break;
        case 1:
          attempt = Attempt::all(Fate::retry, sent.size(), "503");
          break;
        case 2:
          attempt = Attempt::all(Fate::retry, sent.size(), "connection reset");
          break;
        default:  // garbage after a part of the answer
          for (size_t i = random_() % sent.size(); i < sent.size(); ++i) attempt.fate[i] = Fate::retry;
          attempt.why = "not a bulk reply";
      }
    }
    for (size_t i = 0; i < sent.size(); ++i) {
      if (attempt.fate[i] == Fate::accepted && !accepted_.insert(sent[i]).second) ++doubled_;
    }
    return attempt;
  }

  static constexpr MemoryLimits kQueue{.events_max = 2000, .bytes_max = 1u << 20};
  static constexpr size_t kDocumentsMax = 100'000;

  std::mt19937_64 random_;
  test::FakeClock clock_;
  test::FakeFs disk_;
  MemoryQueue queue_{kQueue};
  test::ScriptedOutput outputs_[kLanes];
  DeadLetters dead_letters_{disk_, clock_, "/d", "out"};
  std::unique_ptr<Runner> runner_;
  Nanos begin_ = 0;
  Nanos end_ = 0;
  size_t appended_ = 0;
  size_t doubled_ = 0;
  uint64_t attempts_in_outage_ = 0;
  std::set<std::string> accepted_;
};

TEST(Outage, AnHourOfRefusalsLosesNothing) {
  test::for_seeds(10, [](uint64_t seed) {
    if (::testing::Test::HasFatalFailure()) return;
    SCOPED_TRACE(test::say_seed(seed));
    Outage(seed).run();
  });
}

}  // namespace
}  // namespace acta
