#include "pipeline/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "base/log.h"

namespace acta {
namespace {

constexpr Nanos kSayAgain = 30 * kSecond;

uint64_t count(const OutputCounters::Count& counter) {
  return counter.load(std::memory_order_relaxed);
}
void add(OutputCounters::Count& counter, uint64_t n) {
  counter.fetch_add(n, std::memory_order_relaxed);
}

const Reason* reason_of(const Attempt& attempt, size_t at) {
  const auto found =
      std::find_if(attempt.reasons.begin(), attempt.reasons.end(), [at](const Reason& r) { return r.at == at; });
  return found == attempt.reasons.end() ? nullptr : &*found;
}

DeadLetter letter_of(const Attempt& attempt, const Reason* reason, const Doc& doc) {
  if (reason == nullptr) return {.why = attempt.why, .doc = doc};
  return {.why = reason->why, .doc = doc, .status = reason->status};
}

}  // namespace

Runner::Runner(RunnerOptions options, std::vector<Output*> outputs, std::unique_ptr<Reader> reader,
               DeadLetters& dead_letters, const Clock& clock)
    : options_(std::move(options)),
      reader_(std::move(reader)),
      dead_letters_(dead_letters),
      clock_(clock),
      backoff_(options_.backoff_init, options_.backoff_max, options_.seed),
      concurrency_(outputs.size(), options_.adaptive) {
  CHECK(options_.bulk_max_events > 0 && options_.bulk_max_bytes > 0 && reader_ != nullptr && !outputs.empty());
  for (Output* output : outputs)
    lanes_.push_back({.number = lanes_.size(), .output = output, .limit = options_.bulk_max_events});
  committed_ = taken_upto_ = reader_->committed();
  counters_.workers = concurrency_.allowed();
  counters_.position = committed_;
}

Nanos Runner::step(size_t number) {
  Lock lock(mutex_);
  Lane& lane = lanes_[number];
  if (lane.ended) return kNever;
  const Nanos now = clock_.monotonic();
  const Nanos stop_at = stop_at_.load(std::memory_order_acquire);
  const bool surplus = lane.window.empty() && number >= concurrency_.allowed();
  if (now >= stop_at || gone() || (surplus && stopping())) {
    end(lane);
    return kNever;
  }
  if (surplus) {
    if (probe_ == number) probe_ = kNobody;
    return kWaitMax;
  }
  if (const Nanos wait = held_back(lane, now); wait > 0) return std::min(wait, stop_at - now);
  if (!lane.connected && !connect(lane, now, lock)) return 0;
  const Nanos idle = tick_if_due(lane, now, lock);
  if (!lane.connected || held_back(lane, now) > 0) return 0;  // another lane may have failed meanwhile
  if (lane.window.empty()) {
    const Nanos wait = take_group(lane, now);
    if (wait == kNever) end(lane);
    if (wait != 0) return wait == kNever ? kNever : std::min(idle, wait);
    if (lane.window.empty()) return 0;  // the reader failed
  }
  attempt(lane, lock);
  return 0;
}

Nanos Runner::held_back(const Lane& lane, Nanos now) {
  if (now < not_before_) return not_before_ - now;
  if (counters_.circuit.load(std::memory_order_relaxed) == kCircuitClosed) return 0;
  const bool others_first = lane.window.empty() && !under_way_.empty();
  if (probe_ == kNobody && !others_first) probe_ = lane.number;
  if (probe_ != lane.number) return kWaitMax;
  counters_.circuit.store(kCircuitHalfOpen, std::memory_order_relaxed);
  return 0;
}

bool Runner::connect(Lane& lane, Nanos now, Lock& lock) {
  lock.unlock();
  auto done = lane.output->connect();
  lock.lock();
  lane.connected = done.has_value();
  if (done) return true;
  add(counters_.connect_failed, 1);
  failed(now, clock_.monotonic(), done.error().what, 0);
  return false;
}

Nanos Runner::tick_if_due(Lane& lane, Nanos now, Lock& lock) {
  if (now >= lane.next_tick) {
    lane.next_tick = now + options_.tick_interval;
    lock.unlock();
    auto done = lane.output->tick(now);
    lock.lock();
    if (!done) {
      lane.connected = false;
      failed(now, now, done.error().what, 0);
    }
  }
  return lane.next_tick - now;
}

void Runner::wait(Nanos wait, size_t number) {
  wait = std::min(wait, kWaitMax);
  Lock lock(mutex_);
  const Lane& lane = lanes_[number];
  if (wait <= 0 || lane.ended) return;
  const bool held = clock_.monotonic() < not_before_ || number >= concurrency_.allowed();
  if (stopping() || reading_ || held || span_.batch || next_sealed_ || !lane.window.empty() || !may_take()) {
    wake_.wait_for(lock, std::chrono::nanoseconds(wait));
    return;
  }
  reading_ = true;
  lock.unlock();
  auto next = reader_->next(wait);
  lock.lock();
  reading_ = false;
  if (next && *next) take_span(std::move(**next));  // a failure shows again in the next step
  wake_.notify_all();
}

void Runner::run(size_t number) {
  for (Nanos next = 0; next != kNever; wait(next, number)) next = step(number);
}

void Runner::stop(Nanos deadline) {
  const std::lock_guard lock(mutex_);
  stop_at_.store(std::min(stop_at_.load(std::memory_order_acquire), deadline), std::memory_order_release);
  wake_.notify_all();
}

void Runner::wait_ended(Nanos wait) {
  Lock lock(mutex_);
  wake_.wait_for(lock, std::chrono::nanoseconds(std::max<Nanos>(wait, 0)), [this] { return ended(); });
}

void Runner::interrupt() {
  for (Lane& lane : lanes_) lane.output->interrupt();
}

// ---- taking documents

void Runner::take_span(Span span) {
  add(counters_.read, span.batch->size());
  add(counters_.waiting, span.batch->size());
  span_ = std::move(span);
  span_at_ = 0;
  counters_.position.store(span_.end(), std::memory_order_relaxed);
  const Missed missed = reader_->missed();
  counters_.dropped.store(missed.dropped, std::memory_order_relaxed);
  counters_.expired.store(missed.expired, std::memory_order_relaxed);
  counters_.damaged.store(missed.damaged, std::memory_order_relaxed);
  counters_.unused.store(missed.unused, std::memory_order_relaxed);
}

bool Runner::full() const {
  // Half is enough: a batch of the queue that is cut in two stays in memory for both groups.
  return next_.size() * 2 >= options_.bulk_max_events || next_.bytes() * 2 >= options_.bulk_max_bytes;
}

// Not so much that memory, or what comes again after a kill, has no bound.
bool Runner::may_take() const {
  if (under_way_.empty()) return true;
  const size_t ahead_max = kAheadGroups * lanes_.size() * options_.bulk_max_events;
  return in_flight_bytes_ + options_.bulk_max_bytes <= options_.in_flight_bytes_max &&
         taken_upto_ - finished_upto() < ahead_max;
}

Nanos Runner::take_group(Lane& lane, Nanos now) {
  if (reading_ || !may_take()) return kWaitMax;
  if (auto done = fill(now); !done) {
    failed(now, now, done.error().what, 0);
    return 0;
  }
  if (next_.empty()) {
    commit();
    if (under_way_.empty()) recovered(now, now);
    return stopping() ? kNever : options_.tick_interval;
  }
  if (!next_sealed_ && !full() && !stopping()) {
    const Nanos left = next_since_ + options_.flush_interval - now;
    if (left > 0) return left;
  }
  std::swap(lane.window, next_);  // the lane's is empty; its buffers are used again
  next_sealed_ = false;
  taken_upto_ = lane.window.end();
  under_way_.emplace(lane.window.first(), lane.window.first());
  in_flight_bytes_ += lane.window.bytes();
  return 0;
}

Result<> Runner::fill(Nanos now) {
  while (!next_sealed_ && !full()) {
    if (!span_.batch) {
      auto next = reader_->next(0);
      if (!next) return tl::unexpected(next.error());
      if (!*next) return {};
      take_span(std::move(**next));
    }
    const Batch& docs = *span_.batch;
    const size_t most = std::min(docs.size(), span_at_ + options_.bulk_max_events - next_.size());
    // A gap: the queue gave up what lies between.
    const bool follows = next_.empty() || next_.end() == span_.first + span_at_;
    size_t to = span_at_;
    size_t bytes = 0;
    for (; follows && to < most; ++to) {
      const size_t size = docs[to].json.size();
      const bool first = next_.empty() && to == span_at_;
      if (!first && next_.bytes() + bytes + size > options_.bulk_max_bytes) break;
      bytes += size;
    }
    if (to == span_at_) {
      next_sealed_ = true;
      return {};
    }
    if (next_.empty()) next_since_ = now;
    next_.add(span_, span_at_, to, bytes);
    span_at_ = to;
    if (span_at_ < docs.size()) {
      next_sealed_ = true;
    } else {
      span_ = {};
    }
  }
  return {};
}

// ---- sending

void Runner::attempt(Lane& lane, Lock& lock) {
  const Nanos began = clock_.monotonic();
  const Docs part = lane.window.part(lane.limit);
  const Nanos deadline = std::min(began + options_.send_timeout, stop_at_.load(std::memory_order_acquire));
  const size_t busy = ++busy_;
  lock.unlock();
  Attempt attempt = lane.output->send(part, deadline);
  lock.lock();
  --busy_;
  add(counters_.attempts, 1);
  const Nanos now = clock_.monotonic();
  if (attempt.too_large) {
    add(counters_.too_large, 1);
    if (part.size() > 1) {
      lane.limit = (part.size() + 1) / 2;
      return;
    }
    attempt.fate.assign(1, Fate::rejected);
  }
  CHECK(attempt.fate.size() == part.size());
  const bool refused = std::find(attempt.fate.begin(), attempt.fate.end(), Fate::retry) != attempt.fate.end();
  concurrency_.answered(began, now, refused, busy);
  counters_.workers.store(concurrency_.allowed(), std::memory_order_relaxed);
  settle(lane, part, attempt, began, now);
  under_way_[lane.window.first()] = lane.window.finished_upto();
  if (lane.window.waiting() == 0) finish_group(lane);
  commit();
  if (attempt.gone) {
    gone_.store(true, std::memory_order_release);
    end(lane);
  }
  if (lanes_.size() > 1) wake_.notify_all();
}

void Runner::finish_group(Lane& lane) {
  add(counters_.batches, 1);
  under_way_.erase(lane.window.first());
  in_flight_bytes_ -= lane.window.bytes();
  lane.window.clear();
  lane.limit = std::min(options_.bulk_max_events, lane.limit * 2);
}

void Runner::settle(Lane& lane, Docs part, const Attempt& attempt, Nanos began, Nanos now) {
  const Result<> buried = bury(part, attempt);
  uint64_t accepted = 0;
  uint64_t rejected = 0;
  uint64_t bytes = 0;
  for (size_t i = 0; i < part.size(); ++i) {
    const Fate fate = attempt.fate[i];
    if (fate == Fate::retry || (fate == Fate::rejected && !buried)) continue;
    lane.window.finish(i);
    if (fate == Fate::accepted) {
      ++accepted;
      bytes += part[i].json.size();
    } else {
      ++rejected;
    }
  }
  const uint64_t refused = part.size() - accepted - rejected;
  add(counters_.accepted, accepted);
  add(counters_.bytes, bytes);
  add(counters_.rejected, rejected);
  add(counters_.retried, refused);
  counters_.waiting.fetch_sub(accepted + rejected, std::memory_order_relaxed);
  if (refused == 0) return recovered(began, now);
  const bool some = accepted + rejected > 0;
  if (!some) lane.connected = false;
  if (some && began >= failed_at_) backoff_.reset();
  failed(began, now, buried ? std::string_view(attempt.why) : std::string_view(buried.error().what),
         attempt.retry_after.value_or(0));
}

Result<> Runner::bury(Docs part, const Attempt& attempt) {
  std::vector<DeadLetter> letters;
  for (size_t i = 0; i < part.size(); ++i) {
    if (attempt.fate[i] != Fate::rejected) continue;
    const Reason* const reason = reason_of(attempt, i);
    if (reason != nullptr && reason->kept) continue;
    letters.push_back(letter_of(attempt, reason, part[i]));
  }
  if (letters.empty()) return {};
  auto done = dead_letters_.write(letters);
  counters_.dead_letters_dropped.store(dead_letters_.dropped(), std::memory_order_relaxed);
  if (done) {
    log::warning(options_.name,
                 fmt::format("rejected documents are in {}: {}", dead_letters_.path(), letters.front().why));
  } else {
    add(counters_.dead_letters_failed, 1);
  }
  return done;
}

// ---- the destination as a whole

Offset Runner::finished_upto() const {
  return under_way_.empty() ? taken_upto_ : under_way_.begin()->second;
}

void Runner::commit() {
  const Offset upto = finished_upto();
  if (upto <= committed_) return;
  if (auto done = reader_->commit(upto); !done) {
    // Tried again in the next step; after a crash before that the documents come again.
    add(counters_.commit_failed, 1);
    log::warning(options_.name, "cannot commit: " + done.error().what);
    return;
  }
  committed_ = upto;
}

void Runner::failed(Nanos began, Nanos now, std::string_view what, Nanos at_least) {
  probe_ = kNobody;
  counters_.circuit.store(kCircuitOpen, std::memory_order_relaxed);
  at_least = std::min(at_least, kRetryAfterMax);
  // Attempts that were under way when another one failed say nothing new.
  const bool known = began < failed_at_;
  not_before_ = std::max(not_before_, now + (known ? at_least : std::max(backoff_.next(), at_least)));
  if (!known) failed_at_ = now;
  say_failure(now, what);
}

void Runner::say_failure(Nanos now, std::string_view what) {
  const bool first = counters_.failing_since.load(std::memory_order_relaxed) == 0;
  if (first) counters_.failing_since.store(std::max<Nanos>(now, 1), std::memory_order_relaxed);
  if (!first && what == said_ && now - said_at_ < kSayAgain) return;
  said_at_ = now;
  said_ = what;
  log::warning(options_.name, said_ + "; trying again until it works");
}

void Runner::recovered(Nanos began, Nanos now) {
  if (began < failed_at_) return;  // it began before the failure
  probe_ = kNobody;
  counters_.circuit.store(kCircuitClosed, std::memory_order_relaxed);
  backoff_.reset();
  const Nanos since = counters_.failing_since.load(std::memory_order_relaxed);
  if (since == 0) return;
  counters_.failing_since.store(0, std::memory_order_relaxed);
  log::info(options_.name, fmt::format("works again after {:.1f} s", static_cast<double>(now - since) / kSecond));
}

void Runner::end(Lane& lane) {
  if (auto done = lane.output->close(); !done) log::warning(options_.name, done.error().what);
  lane.ended = true;
  if (probe_ == lane.number) probe_ = kNobody;
  if (!std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& l) { return l.ended; })) return wake_.notify_all();
  const uint64_t left = count(counters_.waiting);
  if (left > 0 && !gone()) log::warning(options_.name, fmt::format("stopped with {} documents not delivered", left));
  ended_.store(true, std::memory_order_release);
  wake_.notify_all();
}

}  // namespace acta
