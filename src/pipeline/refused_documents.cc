#include "pipeline/refused_documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/log.h"

namespace acta {
namespace {

constexpr size_t kDocumentsMax = 1024;  // of an input
constexpr size_t kBytesMax = 8u << 20;
constexpr Nanos kTryAgain = kSecond;

}  // namespace

void RefusedDocuments::add(uint16_t source, Position begin, std::string_view why, const Doc& doc) {
  Waiting& waiting = waiting_[source];
  if (waiting.letters == nullptr)
    waiting.letters = std::make_unique<DeadLetters>(fs_, clock_, directory_, "input-" + inputs_[source]);
  if (waiting.documents.empty()) waiting.begin = begin;
  waiting.documents.add(doc.meta, doc.json);
  waiting.why.emplace_back(why);
}

bool RefusedDocuments::full() const {
  return std::any_of(waiting_.begin(), waiting_.end(), [](const auto& each) {
    return each.second.documents.size() >= kDocumentsMax || each.second.documents.bytes() >= kBytesMax;
  });
}

Result<> RefusedDocuments::write(Waiting& waiting) {
  std::vector<DeadLetter> letters;
  for (size_t i = 0; i < waiting.documents.size(); ++i)
    letters.push_back({.why = waiting.why[i], .doc = waiting.documents[i]});
  if (auto written = waiting.letters->write(letters); !written) return written;
  log::warning("pipeline", fmt::format("refused {} documents, the first because it {}; they are in {}", letters.size(),
                                       waiting.why.front(), waiting.letters->path()));
  waiting.documents.clear();
  waiting.why.clear();
  return {};
}

bool RefusedDocuments::write(Nanos wait) {
  const Nanos now = clock_.monotonic();
  if (now >= not_before_) {
    for (auto& [source, waiting] : waiting_) {
      if (waiting.documents.empty()) continue;
      if (auto written = write(waiting); !written) {
        log::error("pipeline",
                   fmt::format("input {}: cannot write dead letters: {}", inputs_[source], written.error().what));
        not_before_ = now + kTryAgain;
      }
    }
  }
  if (!full()) return true;
  // Nothing wakes us: a disk does not say when it has room again.
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable().wait_for(lock, std::chrono::nanoseconds(std::min(wait, kTryAgain)));
  return false;
}

Position RefusedDocuments::oldest(uint16_t source) const {
  const auto found = waiting_.find(source);
  if (found == waiting_.end() || found->second.documents.empty()) return {UINT64_MAX, UINT64_MAX};
  return found->second.begin;
}

}  // namespace acta
