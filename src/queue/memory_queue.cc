#include "queue/memory_queue.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/check.h"

namespace acta {

class MemoryQueue::MemoryReader final : public Reader {
 public:
  MemoryReader(MemoryQueue& queue, Mark& mark) : queue_(queue), mark_(mark), at_(mark.committed) {}
  ~MemoryReader() override { queue_.give_back(mark_); }
  MemoryReader(const MemoryReader&) = delete;
  MemoryReader& operator=(const MemoryReader&) = delete;

  Result<std::optional<Span>> next(Nanos wait) override {
    auto span = queue_.next(at_.load(std::memory_order_relaxed), wait);
    if (span && *span) at_.store((*span)->end(), std::memory_order_relaxed);
    return span;
  }

  Result<> commit(Offset upto) override {
    CHECK(upto <= at_.load(std::memory_order_relaxed));
    queue_.commit(mark_, upto);
    return {};
  }

  [[nodiscard]] Offset committed() const override {
    const std::lock_guard lock(queue_.mutex_);
    return mark_.committed;
  }

 private:
  MemoryQueue& queue_;
  Mark& mark_;
  std::atomic<Offset> at_;  // of the next document to read; a lane of the Runner may commit while another one reads
};

MemoryQueue::MemoryQueue(const MemoryLimits& limits) : limits_(limits) {}
MemoryQueue::~MemoryQueue() = default;

bool MemoryQueue::has_room(size_t events, size_t bytes) const {
  if (spans_.empty()) return true;
  return held_.events + events <= limits_.events_max && held_.bytes + bytes <= limits_.bytes_max;
}

Result<Offset> MemoryQueue::append(Batch&& batch) {
  const std::lock_guard lock(mutex_);
  if (closed_) return fail(Errc::closed, "the queue is closed");
  const Offset first = end_;
  if (batch.empty()) return first;
  const Held wanted{.events = batch.size(), .bytes = batch.bytes()};
  if (!has_room(wanted.events, wanted.bytes)) {
    wanted_ = wanted;
    return fail(Errc::full, "the queue is full");
  }
  wanted_ = {.events = 1, .bytes = 1};
  end_ += wanted.events;
  if (marks_.empty()) {
    batch.clear();
    return first;
  }
  held_.events += wanted.events;
  held_.bytes += wanted.bytes;
  // Shared: every reader and the queue hold it; the last one frees it.
  spans_.push_back({.first = first, .batch = std::make_shared<const Batch>(std::move(batch))});
  appended_.notify_all();
  return first;
}

void MemoryQueue::wait_for_room(Nanos wait) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return closed_ || has_room(wanted_.events, wanted_.bytes); };
  if (wait <= 0 || ready()) return;
  freed_.wait_for(lock, std::chrono::nanoseconds(wait), ready);
}

Offset MemoryQueue::safe_locked() const {
  Offset safe = end_;
  for (const auto& [name, mark] : marks_) safe = std::min(safe, mark.committed);
  return safe;
}

Offset MemoryQueue::safe() const {
  const std::lock_guard lock(mutex_);
  return safe_locked();
}

Offset MemoryQueue::end() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

std::vector<Span> MemoryQueue::spans() const {
  const std::lock_guard lock(mutex_);
  return {spans_.begin(), spans_.end()};
}

MemoryQueue::Held MemoryQueue::held() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

Result<std::unique_ptr<Reader>> MemoryQueue::reader(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto found = marks_.find(name);
  if (found == marks_.end()) {
    if (end_ != 0) return fail(Errc::unsupported, "reader " + name + " is new to a queue that has begun");
    found = marks_.emplace(name, Mark{}).first;
  }
  if (found->second.taken) return fail(Errc::unsupported, "reader " + name + " is already there");
  found->second.taken = true;
  return std::make_unique<MemoryReader>(*this, found->second);
}

void MemoryQueue::give_back(Mark& mark) {
  const std::lock_guard lock(mutex_);
  mark.taken = false;
}

Result<std::optional<Span>> MemoryQueue::next(Offset at, Nanos wait) {
  std::unique_lock lock(mutex_);
  const auto ready = [this, at] { return closed_ || end_ > at; };
  if (wait > 0 && !ready()) appended_.wait_for(lock, std::chrono::nanoseconds(wait), ready);
  if (end_ <= at) return std::nullopt;
  const auto after = std::upper_bound(spans_.begin(), spans_.end(), at,
                                      [](Offset offset, const Span& span) { return offset < span.end(); });
  CHECK(after != spans_.end() && after->first <= at);
  if (after->first == at) return *after;
  // The committed offset of a reader that came back may lie inside a batch: hand out the rest as a batch of its own.
  Batch rest;
  for (auto i = static_cast<size_t>(at - after->first); i < after->batch->size(); ++i) {
    const Doc doc = (*after->batch)[i];
    rest.add(doc.meta, doc.json);
  }
  return Span{.first = at, .batch = std::make_shared<const Batch>(std::move(rest))};
}

void MemoryQueue::commit(Mark& mark, Offset upto) {
  const std::lock_guard lock(mutex_);
  if (upto <= mark.committed) return;
  mark.committed = upto;
  free_passed();
}

void MemoryQueue::free_passed() {
  const Offset safe = safe_locked();
  bool freed = false;
  while (!spans_.empty() && spans_.front().end() <= safe) {
    held_.events -= spans_.front().batch->size();
    held_.bytes -= spans_.front().batch->bytes();
    spans_.pop_front();
    freed = true;
  }
  if (freed) freed_.notify_all();
}

void MemoryQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  appended_.notify_all();
  freed_.notify_all();
}

}  // namespace acta
