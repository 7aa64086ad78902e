#pragma once
#include <map>
#include <memory>
#include <string>

#include "outputs/elasticsearch.h"

namespace acta::test {

/// An Elasticsearch output from settings as text; aborts on a bad one.
inline std::unique_ptr<Output> elastic_output(const std::map<std::string, std::string>& given) {
  static PosixFs fs;
  static const SystemClock clock;
  auto settings = make_settings(Registry<Output>::find("elasticsearch")->options, given);
  CHECK(settings);
  auto made = make_elasticsearch_output(*settings, fs, clock);
  CHECK(made);
  return std::move(*made);
}

/// `count` documents of the audit dataset with ids "id-FROM" …
inline Batch elastic_documents(size_t from, size_t count, const std::string& dataset = "actabeat.audit") {
  Batch batch;
  for (size_t i = from; i < from + count; ++i) {
    batch.add({.timestamp = 1'764'000'000 * kSecond, .id = "id-" + std::to_string(i), .dataset = dataset, .key = "h"},
              "{\"@timestamp\":\"2026-11-24T12:00:00.000Z\",\"n\":" + std::to_string(i) + "}");
  }
  return batch;
}

/// Sends all of a batch, with ten seconds for it.
inline Attempt send_all(Output& output, const Batch& docs) {
  return output.send(docs.docs(), SystemClock().monotonic() + 10 * kSecond);
}

inline size_t count(const Attempt& attempt, Fate fate) {
  return static_cast<size_t>(std::count(attempt.fate.begin(), attempt.fate.end(), fate));
}

}  // namespace acta::test
