#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "outputs/file.h"
#include "pipeline/runner.h"
#include "queue/memory_queue.h"
#include "support/fake_clock.h"
#include "support/fake_fs.h"
#include "support/fault_fs.h"
#include "support/file_settings.h"
#include "support/inflate.h"
#include "support/seeds.h"

// Queue, runner and file output on a disk that fails at random, fills up, and crashes losing what was not synced. After
// every crash: each line is whole, and every document that was committed is there. Without crashes: every document
// once, in order.
namespace acta {
namespace {

class World {
 public:
  enum class Trouble : uint8_t { faults, kills, crashes };

  World(uint64_t seed, Trouble trouble) : random_(seed), trouble_(trouble) {
    constexpr const char* kCompressions[] = {"none", "gzip", "zstd"};
    settings_.rotate_every_kb = static_cast<int64_t>(pick(3) * 5);
    settings_.rotate_interval = pick(2) == 0 ? 0 : 20 * kSecond;
    settings_.compression = kCompressions[pick(3)];
    disk_.unnamed_files = pick(5) != 0;
    start();
  }

  void run(size_t documents) {
    while (queue_->safe() + base_ < documents) {
      if (++steps_ > 200'000) FAIL() << "never ends";
      if (base_ + queue_->end() < documents && pick(3) == 0) append(documents);
      if (pick(30) == 0) fs_.fail_randomly(&random_, 4);
      if (pick(10) == 0) fs_.fail_randomly(nullptr, 0);
      if (pick(50) == 0) disk_.capacity = disk_.used() + pick(3000);
      if (pick(10) == 0) disk_.capacity = UINT64_MAX;
      const Nanos wait = runner_->step();
      clock_.advance(std::min<Nanos>(wait, static_cast<Nanos>(pick(3)) * kSecond));
      // Death at any call to the file system, and some steps of one who does not know yet that he is dead.
      if (trouble_ != Trouble::faults && !fs_.calls_left && pick(10) == 0)
        fs_.calls_left = static_cast<unsigned>(pick(40));
      if (fs_.calls_left == 0u && pick(2) == 0) kill();
      if (::testing::Test::HasFailure()) return;
    }
    runner_.reset();
    output_.reset();
    check(base_ + static_cast<size_t>(queue_->safe()));
  }

 private:
  size_t pick(size_t below) { return static_cast<size_t>(random_() % below); }
  static std::string document(size_t n) {
    return "{\"n\":" + std::to_string(n) + std::string(n * 7919 % 700, ' ') + "}";
  }

  void start() {
    // The input remembers what is safe and gives the rest again.
    queue_ = std::make_unique<MemoryQueue>(MemoryLimits{.events_max = 100, .bytes_max = 50'000});
    auto reader = queue_->reader("file");
    auto output = make_file_output(settings_.settings(), fs_, clock_);
    ASSERT_TRUE(reader && output);
    output_ = std::move(*output);
    const RunnerOptions options{.name = "file",
                                .bulk_max_events = 1 + pick(30),
                                .backoff_init = kMillisecond,
                                .backoff_max = kSecond,
                                .seed = random_()};
    runner_ = std::make_unique<Runner>(options, *output_, std::move(*reader), dead_letters_, clock_);
  }

  void append(size_t most) {
    Batch batch;
    const size_t first = base_ + static_cast<size_t>(queue_->end());
    const size_t upto = std::min(most, first + 1 + pick(20));
    for (size_t n = first; n < upto; ++n) batch.add({.id = std::to_string(n)}, document(n));
    static_cast<void>(queue_->append(std::move(batch)));
  }

  void kill() {
    base_ += static_cast<size_t>(queue_->safe());
    runner_.reset();
    output_.reset();
    fs_.calls_left.reset();
    if (trouble_ == Trouble::crashes) {
      constexpr FakeFs::Loss kLosses[] = {FakeFs::Loss::nothing, FakeFs::Loss::everything, FakeFs::Loss::random_tails,
                                          FakeFs::Loss::random_pages};
      disk_.crash(kLosses[pick(4)], random_);
    }
    check(base_);
    start();
  }

  // What a new start makes of the disk; documents before `safe` were committed.
  void check(size_t safe) {
    disk_.capacity = UINT64_MAX;
    auto output = make_file_output(settings_.settings(), disk_, clock_);
    ASSERT_TRUE(output);
    const auto connected = (*output)->connect();
    ASSERT_TRUE(connected) << connected.error().what;
    std::string all;
    std::string current;
    const auto names = disk_.list("/out");
    ASSERT_TRUE(names);
    for (const std::string& name : *names) {
      ASSERT_NE(name.find(".ndjson"), std::string::npos) << name << " does not belong here";
      (name == "actabeat.ndjson" ? current : all) += test::inflate(name, disk_.content("/out/" + name));
    }
    all += current;
    std::set<size_t> seen;
    size_t count = 0;
    for (size_t at = 0; at < all.size(); ++count) {
      const size_t end = all.find('\n', at);
      ASSERT_NE(end, std::string::npos) << "a partial last line";
      const std::string line = all.substr(at, end - at);
      ASSERT_TRUE(line.starts_with("{\"n\":")) << line;
      const size_t n = std::stoul(line.substr(5));
      ASSERT_EQ(line, document(n)) << "a torn line";
      ASSERT_TRUE(trouble_ != Trouble::faults || n == count) << n << " is doubled, lost or out of order";
      seen.insert(n);
      at = end + 1;
    }
    for (size_t n = 0; n < safe; ++n) ASSERT_TRUE(seen.contains(n)) << n << " was committed and is lost";
  }

  using FakeFs = test::FakeFs;
  std::mt19937_64 random_;
  Trouble trouble_;
  test::FakeClock clock_;
  FakeFs disk_{&clock_};
  test::FaultFs fs_{disk_};
  test::FileOutputSettings settings_;
  DeadLetters dead_letters_{fs_, clock_, "/dead", "file"};
  std::unique_ptr<MemoryQueue> queue_;
  std::unique_ptr<Output> output_;
  std::unique_ptr<Runner> runner_;
  size_t base_ = 0;  // documents safe before this life
  size_t steps_ = 0;
};

void run_all(World::Trouble trouble, uint64_t seeds) {
  test::for_seeds(seeds, [trouble](uint64_t seed) {
    if (::testing::Test::HasFailure()) return;
    SCOPED_TRACE(test::say_seed(seed));
    World world(seed, trouble);
    world.run(250);
  });
}

TEST(FileOutputModel, FaultsLoseAndDoubleNothing) {
  run_all(World::Trouble::faults, 500);
}
TEST(FileOutputModel, KillsLoseNothingAndTearNothing) {
  run_all(World::Trouble::kills, 500);
}
TEST(FileOutputModel, CrashesOfTheHostLoseNothingAndTearNothing) {
  run_all(World::Trouble::crashes, 1500);
}

}  // namespace
}  // namespace acta
