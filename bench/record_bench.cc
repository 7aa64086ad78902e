// The record parser and the assembler alone, on the bundled sample: time per event.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "processors/audit/assembler.h"
#include "processors/audit/completeness.h"
#include "processors/audit/record.h"

namespace acta::audit {
namespace {

struct Sample {
  std::string text;
  std::vector<Record> records;
  size_t events = 0;
};

const Sample& sample() {
  static const Sample kSample = [] {
    Sample s;
    std::ifstream file(ACTA_SOURCE_DIR "/config/samples/audit.log", std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    s.text = std::move(bytes).str();
    const std::string_view text = s.text;
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      if (const auto record = parse_record(text.substr(at, end - at))) s.records.push_back(*record);
      at = end + 1;
    }
    Assembler assembler({});
    const auto count = [&s](const AssembledEvent&) { ++s.events; };
    for (const Record& record : s.records) assembler.add(record, {}, 0, count);
    assembler.flush(count);
    return s;
  }();
  return kSample;
}

// Items are events: items_per_second is events per second.
void finish(benchmark::State& state) {
  const Sample& s = sample();
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(s.events));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(s.text.size()));
  state.counters["records/event"] = static_cast<double>(s.records.size()) / static_cast<double>(s.events);
}

void parse_heads(benchmark::State& state) {
  const Sample& s = sample();
  RecordParser parser;
  Record read;
  for (auto _ : state) {
    for (const Record& record : s.records) benchmark::DoNotOptimize(parser.parse(record.line, read));
  }
  finish(state);
}
BENCHMARK(parse_heads);

void split(benchmark::State& state) {
  const Sample& s = sample();
  std::vector<Field> fields;
  size_t count = 0;
  for (auto _ : state) {
    for (const Record& record : s.records) {
      split_fields(record, fields);
      count += fields.size();
      split_enriched(record, fields);
      benchmark::DoNotOptimize(fields.data());
    }
  }
  finish(state);
  state.counters["fields/event"] =
      static_cast<double>(count) / static_cast<double>(state.iterations()) / static_cast<double>(s.events);
}
BENCHMARK(split);

// The sample again and again, each time a day later.
void assemble(benchmark::State& state) {
  const Sample& s = sample();
  Assembler assembler({});
  size_t events = 0;
  const Assembler::Emit emit = [&events](const AssembledEvent& event) { events += event.records.size(); };
  int64_t shift = 0;
  for (auto _ : state) {
    shift += 86'400;
    for (Record record : s.records) {
      record.key.second += shift;
      assembler.add(record, {}, 0, emit);
    }
  }
  benchmark::DoNotOptimize(events);
  finish(state);
}
BENCHMARK(assemble);

void assemble_and_check(benchmark::State& state) {
  const Sample& s = sample();
  Assembler assembler({});
  size_t missing = 0;
  const Assembler::Emit emit = [&missing](const AssembledEvent& event) { missing += missing_records(event).size(); };
  int64_t shift = 0;
  for (auto _ : state) {
    shift += 86'400;
    for (Record record : s.records) {
      record.key.second += shift;
      assembler.add(record, {}, 0, emit);
    }
  }
  benchmark::DoNotOptimize(missing);
  finish(state);
}
BENCHMARK(assemble_and_check);

}  // namespace
}  // namespace acta::audit
