// The queue on disk: documents per second written with the default sync (a thread of its own, every 200 ms), and read
// back. The documents are real ones: one a line in the file that $ACTA_DOCUMENTS names (actabeat replay LOG makes it),
// else of made-up text of the same size.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "spool/disk_queue.h"

namespace acta {
namespace {

constexpr size_t kBatch = 500;

const std::vector<std::string>& documents() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> made;
    if (const char* path = std::getenv("ACTA_DOCUMENTS")) {
      std::ifstream file(path);
      for (std::string line; made.size() < 20'000 && std::getline(file, line);) made.push_back(line);
    }
    for (size_t n = 0; made.size() < kBatch; ++n) {
      std::string json = "{\"n\":" + std::to_string(n) + ",\"message\":\"";
      while (json.size() < 2900) json += std::to_string(json.size() * (n + 7919) % 100'003) + " ";
      made.push_back(json + "\"}");
    }
    return made;
  }();
  return all;
}

Batch batch_from(size_t at) {
  Batch batch;
  for (size_t i = 0; i < kBatch; ++i) {
    batch.add({.timestamp = 1, .id = "0123456789abcdef0123", .dataset = "actabeat.audit", .key = "host"},
              documents()[(at + i) % documents().size()]);
  }
  return batch;
}

DiskOptions options(int level) {
  DiskOptions made;
  made.directory = std::filesystem::temp_directory_path().string() + "/actabeat-bench-spool";
  made.level = level;
  made.bytes_max = uint64_t{20} << 30;
  return made;
}

/// Calls sync() every 200 ms while it lives.
class Syncing {
 public:
  explicit Syncing(DiskQueue& queue)
      : thread_([this, &queue] {
          std::unique_lock lock(mutex_);
          while (!wake_.wait_for(lock, std::chrono::milliseconds(200), [this] { return stopped_; }))
            static_cast<void>(queue.sync());
        }) {}
  ~Syncing() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  Syncing(const Syncing&) = delete;
  Syncing& operator=(const Syncing&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::thread thread_;
};

// state.range(0): zstd level. The CPU time is that of all threads: documents per second of it are documents per core.
void spool_append(benchmark::State& state) {
  PosixFs fs;
  const SystemClock clock;
  const DiskOptions made = options(static_cast<int>(state.range(0)));
  std::filesystem::remove_all(made.directory);
  {
    auto queue = std::move(*DiskQueue::open(fs, clock, made));
    const Syncing syncing(*queue);
    size_t at = 0;
    int64_t bytes = 0;
    for (auto unused : state) {
      Batch batch = batch_from(at);
      bytes += static_cast<int64_t>(batch.bytes());
      at += kBatch;
      if (!queue->append(std::move(batch))) state.SkipWithError("the spool is full");
    }
    if (!queue->sync()) state.SkipWithError("cannot sync");
    state.SetItemsProcessed(static_cast<int64_t>(at));
    state.SetBytesProcessed(bytes);
    state.counters["ratio"] = static_cast<double>(bytes) / static_cast<double>(queue->counts().bytes.load());
  }
  std::filesystem::remove_all(made.directory);
}
BENCHMARK(spool_append)->ArgName("level")->Arg(1)->Arg(0)->MeasureProcessCPUTime()->UseRealTime()->MinTime(3);

void spool_read(benchmark::State& state) {
  PosixFs fs;
  const SystemClock clock;
  const DiskOptions made = options(1);
  std::filesystem::remove_all(made.directory);
  {
    auto queue = std::move(*DiskQueue::open(fs, clock, made));
    for (size_t i = 0; i < 400; ++i) static_cast<void>(queue->append(batch_from(i * kBatch)));
    static_cast<void>(queue->sync());
  }
  int64_t read = 0;
  for (auto unused : state) {
    state.PauseTiming();
    auto queue = std::move(*DiskQueue::open(fs, clock, made));
    auto reader = std::move(*queue->reader("r" + std::to_string(read)));
    state.ResumeTiming();
    while (auto span = *reader->next(0)) read += static_cast<int64_t>(span->batch->size());
  }
  state.SetItemsProcessed(read);
  std::filesystem::remove_all(made.directory);
}
BENCHMARK(spool_read)->MeasureProcessCPUTime()->UseRealTime();

}  // namespace
}  // namespace acta
