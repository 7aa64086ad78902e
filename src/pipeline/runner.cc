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

}  // namespace

Runner::Runner(RunnerOptions options, Output& output, std::unique_ptr<Reader> reader, DeadLetters& dead_letters,
               const Clock& clock)
    : options_(std::move(options)),
      output_(output),
      reader_(std::move(reader)),
      dead_letters_(dead_letters),
      clock_(clock),
      backoff_(options_.backoff_init, options_.backoff_max, options_.seed),
      limit_(options_.bulk_max_events) {
  CHECK(options_.bulk_max_events > 0 && options_.bulk_max_bytes > 0 && reader_ != nullptr);
  committed_ = finished_upto_ = reader_->committed();
}

Nanos Runner::step() {
  if (ended()) return kNever;
  const Nanos now = clock_.monotonic();
  const Nanos stop_at = stop_at_.load(std::memory_order_acquire);
  if (now >= stop_at) {
    end();
    return kNever;
  }
  if (now < not_before_) return std::min(not_before_, stop_at) - now;
  if (!connected_) {
    if (auto done = output_.connect(); !done) {
      add(counters_.connect_failed, 1);
      failed(now, done.error().what, 0);
      return 0;
    }
    connected_ = true;
  }
  const Nanos idle = tick_if_due(now);
  if (!connected_) return 0;
  if (auto done = fill(now); !done) {
    failed(now, done.error().what, 0);
    return 0;
  }
  if (window_.empty()) {
    commit();
    recovered(now);
    if (!stopping()) return idle;
    end();
    return kNever;
  }
  if (!window_sealed_ && !full() && !stopping()) {
    const Nanos left = window_since_ + options_.flush_interval - now;
    if (left > 0) return std::min(idle, left);
  }
  window_sealed_ = true;
  attempt(now);
  return 0;
}

void Runner::wait(Nanos wait) {
  wait = std::min(wait, kWaitMax);
  if (wait <= 0 || ended()) return;
  if (!stopping() && !span_.batch && !window_sealed_ && clock_.monotonic() >= not_before_) {
    auto next = reader_->next(wait);
    if (next && *next) take_span(std::move(**next));
    return;  // a failure shows again in the next step
  }
  std::unique_lock lock(mutex_);
  const bool stopping_before = stopping();
  wake_.wait_for(lock, std::chrono::nanoseconds(wait), [&] { return stopping() != stopping_before; });
}

void Runner::run() {
  while (!ended()) wait(step());
}

void Runner::stop(Nanos deadline) {
  const std::lock_guard lock(mutex_);
  stop_at_.store(std::min(stop_at_.load(std::memory_order_acquire), deadline), std::memory_order_release);
  wake_.notify_all();
}

Nanos Runner::tick_if_due(Nanos now) {
  if (now >= next_tick_) {
    next_tick_ = now + options_.tick_interval;
    if (auto done = output_.tick(now); !done) {
      connected_ = false;
      failed(now, done.error().what, 0);
    }
  }
  return next_tick_ - now;
}

void Runner::take_span(Span span) {
  add(counters_.read, span.batch->size());
  add(counters_.waiting, span.batch->size());
  span_ = std::move(span);
  span_at_ = 0;
  const Missed missed = reader_->missed();
  counters_.dropped.store(missed.dropped, std::memory_order_relaxed);
  counters_.expired.store(missed.expired, std::memory_order_relaxed);
  counters_.damaged.store(missed.damaged, std::memory_order_relaxed);
}

bool Runner::full() const {
  // Half is enough: what it would take to fill the rest is a copy of all.
  return window_.size() * 2 >= options_.bulk_max_events || window_.bytes() * 2 >= options_.bulk_max_bytes;
}

Result<> Runner::fill(Nanos now) {
  while (!window_sealed_ && !full()) {
    if (!span_.batch) {
      auto next = reader_->next(0);
      if (!next) return tl::unexpected(next.error());
      if (!*next) return {};
      take_span(std::move(**next));
    }
    if (!window_.empty() && window_.end() != span_.first + span_at_) {  // the queue gave up what lies between
      window_sealed_ = true;
      return {};
    }
    const Batch& docs = *span_.batch;
    const size_t most = std::min(docs.size(), span_at_ + options_.bulk_max_events - window_.size());
    size_t to = span_at_;
    size_t bytes = 0;
    for (; to < most; ++to) {
      const size_t size = docs[to].json.size();
      const bool first = window_.empty() && to == span_at_;
      if (!first && window_.bytes() + bytes + size > options_.bulk_max_bytes) break;
      bytes += size;
    }
    if (to == span_at_) {
      window_sealed_ = true;
      return {};
    }
    if (window_.empty()) window_since_ = now;
    window_.add(span_, span_at_, to, bytes);
    span_at_ = to;
    if (span_at_ < docs.size()) {
      window_sealed_ = true;
    } else {
      span_ = {};
    }
  }
  return {};
}

void Runner::attempt(Nanos now) {
  const Window::Part part = window_.part(limit_);
  const Nanos deadline = std::min(now + options_.send_timeout, stop_at_.load(std::memory_order_acquire));
  Attempt attempt = output_.send(*part.docs, part.from, part.to, deadline);
  add(counters_.attempts, 1);
  now = clock_.monotonic();
  if (attempt.too_large) {
    add(counters_.too_large, 1);
    if (part.size() > 1) {
      limit_ = (part.size() + 1) / 2;
      return;
    }
    attempt.fate.assign(1, Fate::rejected);
  }
  CHECK(attempt.fate.size() == part.size());
  settle(part, attempt, now);
  commit();
  if (attempt.gone) {
    gone_.store(true, std::memory_order_release);
    end();
    return;
  }
  if (window_.waiting() > 0) return;
  add(counters_.batches, 1);
  window_.clear();
  window_sealed_ = false;
  limit_ = std::min(options_.bulk_max_events, limit_ * 2);
}

void Runner::settle(const Window::Part& part, const Attempt& attempt, Nanos now) {
  const Result<> buried = bury(part, attempt);
  uint64_t accepted = 0;
  uint64_t rejected = 0;
  uint64_t bytes = 0;
  for (size_t i = 0; i < part.size(); ++i) {
    const Fate fate = attempt.fate[i];
    if (fate == Fate::retry || (fate == Fate::rejected && !buried)) continue;
    window_.finish(i);
    if (fate == Fate::accepted) {
      ++accepted;
      bytes += (*part.docs)[part.from + i].json.size();
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
  if (refused == 0) return recovered(now);
  if (accepted + rejected > 0) {
    backoff_.reset();
  } else {
    connected_ = false;
  }
  failed(now, buried ? std::string_view(attempt.why) : std::string_view(buried.error().what),
         attempt.retry_after.value_or(0));
}

Result<> Runner::bury(const Window::Part& part, const Attempt& attempt) {
  std::vector<DeadLetter> letters;
  for (size_t i = 0; i < part.size(); ++i) {
    if (attempt.fate[i] != Fate::rejected) continue;
    const Reason* const reason = reason_of(attempt, i);
    if (reason != nullptr && reason->kept) continue;
    letters.push_back({.why = reason == nullptr ? attempt.why : reason->why, .doc = (*part.docs)[part.from + i]});
  }
  if (letters.empty()) return {};
  auto done = dead_letters_.write(letters);
  if (done) {
    log::warning(options_.name,
                 fmt::format("rejected documents are in {}: {}", dead_letters_.path(), letters.front().why));
  } else {
    add(counters_.dead_letters_failed, 1);
  }
  return done;
}

void Runner::commit() {
  if (!window_.empty()) finished_upto_ = window_.finished_upto();
  if (finished_upto_ <= committed_) return;
  if (auto done = reader_->commit(finished_upto_); !done) {
    // Tried again in the next step; after a crash before that the documents come again.
    add(counters_.commit_failed, 1);
    log::warning(options_.name, "cannot commit: " + done.error().what);
    return;
  }
  committed_ = finished_upto_;
}

void Runner::failed(Nanos now, std::string_view what, Nanos at_least) {
  const Nanos wait = std::max(backoff_.next(), std::min(at_least, kRetryAfterMax));
  not_before_ = now + wait;
  const bool first = counters_.failing_since.load(std::memory_order_relaxed) == 0;
  if (first) counters_.failing_since.store(std::max<Nanos>(now, 1), std::memory_order_relaxed);
  if (!first && what == said_ && now - said_at_ < kSayAgain) return;
  said_at_ = now;
  said_ = what;
  log::warning(options_.name, said_ + "; trying again until it works");
}

void Runner::recovered(Nanos now) {
  backoff_.reset();
  const Nanos since = counters_.failing_since.load(std::memory_order_relaxed);
  if (since == 0) return;
  counters_.failing_since.store(0, std::memory_order_relaxed);
  log::info(options_.name, fmt::format("works again after {:.1f} s", static_cast<double>(now - since) / kSecond));
}

void Runner::end() {
  if (auto done = output_.close(); !done) log::warning(options_.name, done.error().what);
  const uint64_t left = count(counters_.waiting);
  if (left > 0 && !gone()) log::warning(options_.name, fmt::format("stopped with {} documents not delivered", left));
  ended_.store(true, std::memory_order_release);
}

}  // namespace acta
