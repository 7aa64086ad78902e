#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "pipeline/runner.h"
#include "queue/memory_queue.h"
#include "support/fake_clock.h"
#include "support/fake_fs.h"
#include "support/fault_fs.h"
#include "support/scripted_output.h"
#include "support/seeds.h"

// The runner against an output that does anything an output may do, on a disk that fails now and then, killed and
// started again at random, beside a model of what must hold: every document one final fate, order, contiguous commits,
// both sums of the delivery contract.
namespace acta {
namespace {

using Documents = std::vector<std::string>;

constexpr char kDeadLetters[] = "/d/out.ndjson";

size_t number_of(const std::string& document) {
  return std::stoul(document.substr(5));
}

class World {
 public:
  explicit World(uint64_t seed) : random_(seed) {
    output_.answer = [this](const Documents& sent) { return answer(sent); };
    limit_ = 1 + pick(30);
    trouble_ = pick(100);
    options_ = {.name = "out",
                .bulk_max_events = 1 + pick(20),
                .bulk_max_bytes = 20 + pick(400),
                .flush_interval = static_cast<Nanos>(pick(3)) * kSecond,
                .backoff_init = kSecond,
                .backoff_max = 10 * kSecond,
                .seed = seed};
    start();
  }

  void run(size_t documents, bool with_kills) {
    while (appended_ < documents) {
      if (pick(3) == 0) append(documents);
      if (pick(20) == 0) fs_.fail_randomly(fs_fails_ ? nullptr : &random_, 5);
      fs_fails_ = !fs_fails_;
      step();
      if (with_kills && pick(60) == 0) kill();
      if (::testing::Test::HasFailure()) return;
    }
    queue_.close();
    trouble_ = 0;
    fs_.fail_randomly(nullptr, 0);
    runner_->stop(Runner::kNever - 1);
    for (int i = 0; i < 100'000 && !runner_->ended(); ++i) step();
    ASSERT_TRUE(runner_->ended());
    check_end(with_kills);
  }

 private:
  size_t pick(size_t below) { return static_cast<size_t>(random_() % below); }
  static bool poisoned(size_t n) { return n % 17 == 3; }

  void start() {
    dead_letters_ = std::make_unique<DeadLetters>(fs_, clock_, "/d", "out");
    auto reader = queue_.reader("out");
    ASSERT_TRUE(reader) << reader.error().what;
    life_start_ = (*reader)->committed();
    finished_.clear();
    next_first_ = done_to_ = static_cast<size_t>(life_start_);
    runner_ = std::make_unique<Runner>(options_, output_, std::move(*reader), *dead_letters_, clock_);
  }

  // The process dies between two steps; the queue stands for one that survives.
  void kill() {
    runner_.reset();
    start();
  }

  void append(size_t most) {
    Batch batch;
    const size_t upto = std::min(most, appended_ + 1 + pick(40));
    for (size_t n = appended_; n < upto; ++n)
      batch.add({.id = std::to_string(n)}, "{\"n\":" + std::to_string(n) + std::string(pick(20), ' ') + "}");
    if (queue_.append(std::move(batch))) appended_ = upto;
  }

  Attempt answer(const Documents& sent) {
    check_sent(sent);
    Attempt attempt = Attempt::all(Fate::accepted, sent.size(), "why");
    const bool in_trouble = pick(100) < trouble_;
    if (sent.size() > limit_) {
      attempt.too_large = true;
      if (pick(2) == 0) attempt.fate.clear();
      return attempt;
    }
    const bool all_refused = in_trouble && pick(3) == 0;
    for (size_t i = 0; i < sent.size(); ++i) {
      if (poisoned(number_of(sent[i]))) attempt.fate[i] = Fate::rejected;
      if (all_refused || (in_trouble && pick(4) == 0)) attempt.fate[i] = Fate::retry;
    }
    if (in_trouble && pick(10) == 0) attempt.retry_after = static_cast<Nanos>(pick(100)) * kSecond;
    for (size_t i = 0; i < sent.size(); ++i) {
      if (attempt.fate[i] != Fate::accepted) continue;
      finished_.insert(number_of(sent[i]));
      ++accepted_[number_of(sent[i])];
    }
    return attempt;
  }

  // In order, first tries without a gap and only when nothing before is unfinished, and nothing again that was
  // accepted.
  void check_sent(const Documents& sent) {
    ASSERT_FALSE(sent.empty());
    ASSERT_LE(sent.size(), options_.bulk_max_events);
    if (number_of(sent.back()) >= next_first_) {
      EXPECT_EQ(number_of(sent[0]), next_first_) << "first tries go alone";
      EXPECT_EQ(done_to(), next_first_) << "not finished when later ones go";
    }
    size_t bytes = 0;
    for (size_t i = 0; i < sent.size(); ++i) {
      const size_t n = number_of(sent[i]);
      bytes += sent[i].size();
      EXPECT_FALSE(finished_.contains(n)) << n << " was accepted and is sent again";
      EXPECT_TRUE(i == 0 || number_of(sent[i - 1]) < n);
      if (n >= next_first_) {
        EXPECT_EQ(n, next_first_) << "first tries go without a gap";
        ++next_first_;
      }
    }
    EXPECT_TRUE(bytes <= options_.bulk_max_bytes || sent.size() == 1);
  }

  void step() {
    if (pick(100) < trouble_ / 4) output_.connects.push_back(fail(Errc::io, "connect"));
    if (pick(100) < trouble_ / 8) output_.ticks.push_back(fail(Errc::io, "tick"));
    const Nanos wait = runner_->step();
    if (wait > 0 && wait != Runner::kNever) clock_.advance(pick(2) == 0 ? wait : static_cast<Nanos>(pick(3)) * kSecond);
    const OutputCounters& c = runner_->counters();
    const uint64_t finals = c.accepted + c.rejected;
    EXPECT_EQ(c.read, finals + c.waiting);
    EXPECT_LE(c.read, queue_.end() - life_start_);
    EXPECT_LE(queue_.safe() - life_start_, finals);
    EXPECT_LE(queue_.safe(), done_to()) << "committed and not finished";
  }

  // Everything of this life before it was accepted, or can only be rejected.
  size_t done_to() {
    while (done_to_ < next_first_ && (poisoned(done_to_) || finished_.contains(done_to_))) ++done_to_;
    return done_to_;
  }

  void check_end(bool with_kills) {
    EXPECT_EQ(queue_.safe(), appended_);
    EXPECT_EQ(runner_->counters().waiting, 0u);
    std::map<size_t, int> dead;
    const std::string text = disk_.content(kDeadLetters);
    for (size_t at = text.find("\"id\":\""); at != std::string::npos; at = text.find("\"id\":\"", at + 1))
      ++dead[std::stoul(text.substr(at + 6))];
    for (size_t n = 0; n < appended_; ++n) {
      const int fates = poisoned(n) ? dead[n] : accepted_[n];
      EXPECT_EQ(poisoned(n) ? accepted_[n] : dead[n], 0) << n;
      EXPECT_GE(fates, 1) << n << " is lost";
      EXPECT_TRUE(with_kills || fates == 1) << n << " came twice";
    }
  }

  std::mt19937_64 random_;
  test::FakeClock clock_;
  test::FakeFs disk_;
  test::FaultFs fs_{disk_};
  MemoryQueue queue_{{.events_max = 200, .bytes_max = 100'000}};
  test::ScriptedOutput output_;
  std::unique_ptr<DeadLetters> dead_letters_;
  RunnerOptions options_;
  std::unique_ptr<Runner> runner_;
  size_t limit_ = 0;
  size_t trouble_ = 0;
  bool fs_fails_ = false;
  size_t appended_ = 0;
  Offset life_start_ = 0;
  size_t next_first_ = 0;
  size_t done_to_ = 0;
  std::set<size_t> finished_;  // accepted in this life
  std::map<size_t, int> accepted_;
};

TEST(RunnerModel, EveryDocumentHasOneFinalFate) {
  test::for_seeds(300, [](uint64_t seed) {
    if (::testing::Test::HasFailure()) return;
    SCOPED_TRACE(test::say_seed(seed));
    World world(seed);
    world.run(300, false);
  });
}

TEST(RunnerModel, KilledAndStartedAgainNothingIsLost) {
  test::for_seeds(300, [](uint64_t seed) {
    if (::testing::Test::HasFailure()) return;
    SCOPED_TRACE(test::say_seed(seed));
    World world(seed);
    world.run(300, true);
  });
}

}  // namespace
}  // namespace acta
