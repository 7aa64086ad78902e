#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "outputs/file.h"
#include "pipeline/runner.h"
#include "queue/memory_queue.h"
#include "support/file_settings.h"
#include "support/inflate.h"
#include "support/mount_namespace.h"
#include "support/seeds.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

namespace fs = std::filesystem;
using ::testing::Each;

std::string document(size_t n) {
  return "{\"n\":" + std::to_string(n) + std::string(n * 7919 % 3000, ' ') + "}";
}

// Queue, runner and file output on real files, with documents numbered from `first` on.
class Writer {
 public:
  Writer(const test::FileOutputSettings& settings, const std::string& dead_letters, size_t first)
      : dead_letters_(fs_, clock_, dead_letters, "file"), first_(first) {
    output_ = std::move(*make_file_output(settings.settings(), fs_, clock_));
    RunnerOptions options{.name = "file", .bulk_max_events = 64};
    options.backoff_init = options.backoff_max = 5 * kMillisecond;
    options.tick_interval = 20 * kMillisecond;
    runner_ = std::make_unique<Runner>(options, *output_, std::move(*queue_.reader("file")), dead_letters_, clock_);
  }
  void append(size_t count) {
    Batch batch;
    for (size_t i = 0; i < count; ++i) batch.add({}, document(first_ + queue_.end() + i));
    static_cast<void>(queue_.append(std::move(batch)));
  }
  void step() { runner_->wait(runner_->step()); }
  // Until all is delivered, or for so long.
  bool drain(Nanos patience) {
    const Nanos end = clock_.monotonic() + patience;
    while (queue_.safe() < queue_.end() && clock_.monotonic() < end) step();
    return queue_.safe() == queue_.end();
  }
  [[nodiscard]] size_t safe() const { return first_ + static_cast<size_t>(queue_.safe()); }
  [[nodiscard]] const OutputCounters& counters() const { return runner_->counters(); }

 private:
  PosixFs fs_;
  SystemClock clock_;
  MemoryQueue queue_{{.events_max = 500, .bytes_max = 1 << 20}};
  DeadLetters dead_letters_;
  size_t first_;
  std::unique_ptr<Output> output_;
  std::unique_ptr<Runner> runner_;
};

struct Found {
  std::vector<size_t> numbers;
  std::string wrong;  // the first line that is not a document
};

std::string slurp(const fs::path& path) {
  PosixFs real;
  return read_file(real, path.string(), 1u << 30).value_or("");
}

// Every line of every file, in order of writing.
Found read_all(const std::string& directory) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(directory)) paths.push_back(entry.path());
  // The current file has the shortest name and comes last.
  std::sort(paths.begin(), paths.end(), [](const fs::path& a, const fs::path& b) {
    const bool a_current = a.filename() == "actabeat.ndjson";
    const bool b_current = b.filename() == "actabeat.ndjson";
    return a_current != b_current ? b_current : a < b;
  });
  Found found;
  for (const fs::path& path : paths) {
    const std::string text = test::inflate(path.string(), slurp(path));
    for (size_t at = 0; at < text.size();) {
      const size_t end = text.find('\n', at);
      const std::string line = text.substr(at, end == std::string::npos ? end : end - at);
      const size_t n = line.starts_with("{\"n\":") ? std::stoul(line.substr(5)) : SIZE_MAX;
      if ((n == SIZE_MAX || line != document(n) || end == std::string::npos) && found.wrong.empty()) {
        found.wrong = path.filename().string() + ": " + line.substr(0, 100);
      }
      found.numbers.push_back(n);
      if (end == std::string::npos) break;
      at = end + 1;
    }
  }
  return found;
}

TEST(FileOutputOnDisk, RotatesAndCompressesRealFiles) {
  for (const char* compression : {"none", "gzip", "zstd"}) {
    SCOPED_TRACE(compression);
    const test::TempDir dir;
    const test::FileOutputSettings settings{
        .path = dir / "a/b", .rotate_every_kb = 64, .permissions = "0640", .compression = compression};
    Writer writer(settings, dir / "dead", 0);
    for (int i = 0; i < 20; ++i) {
      writer.append(50);
      ASSERT_TRUE(writer.drain(30 * kSecond));
    }
    const Found found = read_all(settings.path);
    EXPECT_EQ(found.wrong, "");
    ASSERT_EQ(found.numbers.size(), 1000u);
    for (size_t n = 0; n < 1000; ++n) ASSERT_EQ(found.numbers[n], n);
    const std::string ending = std::string(compression) == "gzip"   ? ".gz"
                               : std::string(compression) == "zstd" ? ".zst"
                                                                    : ".ndjson";
    size_t rotated = 0;
    for (const auto& entry : fs::directory_iterator(settings.path)) {
      struct stat st {};
      ASSERT_EQ(::stat(entry.path().c_str(), &st), 0);
      EXPECT_EQ(st.st_mode & 0777u, 0640u);
      const std::string name = entry.path().filename().string();
      if (name == "actabeat.ndjson") continue;
      ++rotated;
      // The file system of temporary files may have no unnamed files; then they stay plain, which was said.
      EXPECT_TRUE(name.ends_with(ending) || name.ends_with(".ndjson")) << name;
    }
    EXPECT_GE(rotated, 15u);
    struct stat st {};
    ASSERT_EQ(::stat(settings.path.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777u & ~0750u, 0u) << "folders are made 0750, less the umask";
  }
}

TEST(FileOutputOnDisk, GoesOnAfterAPartialLine) {
  const test::TempDir dir;
  fs::create_directory(dir / "out");
  dir.write("out/actabeat.ndjson", document(0) + "\n" + document(1).substr(0, 4));
  Writer writer({.path = dir / "out"}, dir / "dead", 1);
  writer.append(3);
  ASSERT_TRUE(writer.drain(30 * kSecond));
  const Found found = read_all(dir / "out");
  EXPECT_EQ(found.wrong, "");
  EXPECT_EQ(found.numbers, (std::vector<size_t>{0, 1, 2, 3}));
}

TEST(FileOutputOnDisk, ObstaclesAreSaidAndOvercomeWhenTheyGo) {
  const test::TempDir dir;
  dir.write("out", "a file where the folder should be");
  Writer writer({.path = dir / "out"}, dir / "dead", 0);
  writer.append(3);
  EXPECT_FALSE(writer.drain(50 * kMillisecond));
  EXPECT_GT(writer.counters().connect_failed, 1u);
  fs::remove(dir / "out");
  fs::create_directories(dir / "out/actabeat.ndjson");
  EXPECT_FALSE(writer.drain(50 * kMillisecond));
  fs::remove(dir / "out/actabeat.ndjson");
  ASSERT_EQ(::mkfifo((dir / "out/actabeat.ndjson").c_str(), 0600), 0);
  EXPECT_FALSE(writer.drain(50 * kMillisecond));
  fs::remove(dir / "out/actabeat.ndjson");
  fs::create_symlink("/dev/full", dir / "out/actabeat.ndjson");
  EXPECT_FALSE(writer.drain(50 * kMillisecond));
  fs::remove(dir / "out/actabeat.ndjson");
  ASSERT_TRUE(writer.drain(30 * kSecond));
  EXPECT_EQ(read_all(dir / "out").numbers, (std::vector<size_t>{0, 1, 2}));
}

TEST(FileOutputOnDisk, AFullOrReadOnlyDiskHoldsItUpAndLosesNothing) {
  const test::TempDir dir;
  fs::create_directory(dir / "small");
  const int status = test::in_mount_namespace([&dir] {
    const std::string small = dir / "small";
    if (!test::mount_small_disk(small.c_str(), "size=1m")) return test::kNotAllowed;
    size_t appended = 0;
    {
      Writer writer({.path = small + "/out", .rotate_every_kb = 100}, dir / "dead", 0);
      std::ofstream(small + "/ballast") << std::string(600'000, 'b');
      for (; appended < 500; appended += 50) writer.append(50);
      if (writer.drain(200 * kMillisecond)) return 1;
      if (writer.counters().retried == 0) return 2;
      if (!read_all(small + "/out").wrong.empty()) return 3;
      fs::remove(small + "/ballast");
      if (!writer.drain(30 * kSecond)) return 4;
    }
    // A disk that is written to cannot be made read-only, so this is found at the start.
    if (!test::remount(small.c_str(), true)) return test::kNotAllowed;
    Writer writer({.path = small + "/out", .rotate_every_kb = 100}, dir / "dead", appended);
    writer.append(20);
    appended += 20;
    if (writer.drain(50 * kMillisecond)) return 9;
    if (!test::remount(small.c_str(), false)) return test::kNotAllowed;
    if (!writer.drain(30 * kSecond)) return 5;
    const Found found = read_all(small + "/out");
    if (!found.wrong.empty()) return 6;
    if (found.numbers.size() != appended) return 7;
    for (size_t n = 0; n < appended; ++n) {
      if (found.numbers[n] != n) return 8;
    }
    return 0;
  });
  if (status == test::kNotAllowed) GTEST_SKIP() << "LOUD SKIP: mounting a small disk needs root and mount namespaces";
  EXPECT_EQ(status, 0) << "the number is the step of the child that failed";
}

// A child writes; it is killed at a random moment; the next one goes on from what was safe. Lines are whole, and
// nothing safe is missing.
TEST(FileOutputOnDisk, KilledAtAnyMomentNothingSafeIsLostAndNoLineTorn) {
  const test::TempDir dir;
  void* memory =
      ::mmap(nullptr, sizeof(std::atomic<size_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  auto* safe = new (memory) std::atomic<size_t>(0);
  std::mt19937_64 random(20261123);
  const char* kCompressions[] = {"none", "gzip", "zstd"};
  constexpr int kRounds = 60;
  for (int round = 0; round < kRounds; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      Writer writer({.path = dir / "out", .rotate_every_kb = 300, .compression = kCompressions[round / 20]},
                    dir / "dead", *safe);
      for (;;) {
        writer.append(1 + static_cast<size_t>(round % 50));
        writer.step();
        safe->store(writer.safe());
      }
    }
    const timespec wait{.tv_sec = 0, .tv_nsec = static_cast<long>(random() % 40'000'000)};
    ::clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, nullptr);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the child ended by itself, status " << status;
  }
  Writer last({.path = dir / "out"}, dir / "dead", *safe);
  last.append(1);
  ASSERT_TRUE(last.drain(30 * kSecond));
  const Found found = read_all(dir / "out");
  EXPECT_EQ(found.wrong, "");
  const std::set<size_t> numbers(found.numbers.begin(), found.numbers.end());
  for (size_t n = 0; n < *safe + 1; ++n) ASSERT_TRUE(numbers.contains(n)) << n << " was safe and is lost";
  EXPECT_EQ(numbers.size(), *numbers.rbegin() + 1) << "numbers are contiguous";
  EXPECT_GT(*safe, 1000u) << "the children did write";
  RecordProperty("safe", static_cast<int>(*safe));
  RecordProperty("doubled", static_cast<int>(found.numbers.size() - numbers.size()));
  ::munmap(memory, sizeof(std::atomic<size_t>));
}

}  // namespace
}  // namespace acta
