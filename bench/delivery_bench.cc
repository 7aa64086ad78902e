// Queue, runner and file output: documents per second of small and of typical documents.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

#include "outputs/file.h"
#include "pipeline/runner.h"
#include "queue/memory_queue.h"

namespace acta {
namespace {

Settings file_settings(const std::string& path, bool sync, const char* compression) {
  auto settings = make_settings(Registry<Output>::find("file")->options,
                                {{"path", path}, {"sync", sync ? "batch" : "never"}, {"compression", compression}});
  return std::move(*settings);
}

// state.range(0): bytes of a document; range(1): sync.
void deliver(benchmark::State& state, const char* compression) {
  const std::string directory = std::filesystem::temp_directory_path().string() + "/actabeat-bench";
  std::filesystem::remove_all(directory);
  PosixFs fs;
  const SystemClock clock;
  auto output = make_file_output(file_settings(directory, state.range(1) != 0, compression), fs, clock);
  MemoryQueue queue({.events_max = 65'536, .bytes_max = 64u << 20});
  DeadLetters dead_letters(fs, clock, directory + "-dead", "file");
  Runner runner({.name = "file"}, **output, std::move(*queue.reader("file")), dead_letters, clock);
  std::string json = "{\"message\":\"";
  while (json.size() + 2 < static_cast<size_t>(state.range(0)))
    json.push_back(static_cast<char>('a' + json.size() * 7 % 26));
  json += "\"}";
  constexpr size_t kBatch = 500;
  int64_t documents = 0;
  for (auto unused : state) {
    for (int i = 0; i < 8; ++i) {
      Batch batch;
      for (size_t n = 0; n < kBatch; ++n)
        batch.add({.timestamp = 1, .id = "0123456789abcdef0123", .dataset = "actabeat.audit", .key = "host"}, json);
      if (!queue.append(std::move(batch))) state.SkipWithError("the queue is full");
    }
    while (queue.safe() < queue.end()) runner.step();
    documents += 8 * kBatch;
    if (documents % (1 << 20) < static_cast<int64_t>(8 * kBatch)) {
      state.PauseTiming();
      for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().filename() != "actabeat.ndjson") std::filesystem::remove(entry.path());
      }
      state.ResumeTiming();
    }
  }
  state.SetItemsProcessed(documents);
  state.SetBytesProcessed(documents * static_cast<int64_t>(json.size() + 1));
  std::filesystem::remove_all(directory);
}

void file_output(benchmark::State& state) {
  deliver(state, "none");
}
void file_output_gzip(benchmark::State& state) {
  deliver(state, "gzip");
}
void file_output_zstd(benchmark::State& state) {
  deliver(state, "zstd");
}

BENCHMARK(file_output)->ArgNames({"bytes", "sync"})->ArgsProduct({{200, 2900}, {0, 1}})->UseRealTime();
BENCHMARK(file_output_gzip)->ArgNames({"bytes", "sync"})->Args({2900, 1})->UseRealTime();
BENCHMARK(file_output_zstd)->ArgNames({"bytes", "sync"})->Args({2900, 1})->UseRealTime();

void memory_queue(benchmark::State& state) {
  MemoryQueue queue({});
  auto reader = std::move(*queue.reader("r"));
  for (auto unused : state) {
    Batch batch;
    batch.add({}, "{}");
    benchmark::DoNotOptimize(queue.append(std::move(batch)));
    const auto span = reader->next(0);
    benchmark::DoNotOptimize(reader->commit((*span)->end()));
  }
}
BENCHMARK(memory_queue);

}  // namespace
}  // namespace acta
