#pragma once
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "outputs/output.h"
#include "pipeline/backoff.h"
#include "pipeline/dead_letters.h"
#include "pipeline/output_counters.h"
#include "pipeline/window.h"
#include "queue/queue.h"

namespace acta {

/// How a runner sends. From settings by runner_options.h.
struct RunnerOptions {
  std::string name{};                ///< of the output: log, dead letters
  size_t bulk_max_events = 2048;     ///< documents of one send at most
  size_t bulk_max_bytes = 8u << 20;  ///< their bytes at most; a single larger document goes alone
  Nanos flush_interval = 0;          ///< how long a send that is not full may wait for more documents
  Nanos backoff_init = kSecond;
  Nanos backoff_max = 60 * kSecond;
  Nanos send_timeout = 90 * kSecond;  ///< deadline of one attempt
  Nanos tick_interval = kSecond;      ///< Output::tick is called about this often
  uint64_t seed = 0;                  ///< of the jitter
};

/// Brings the documents of one reader to one output, each to exactly one final fate. Retry, backoff, splitting, dead
/// letters and commits are here and nowhere else.
///
/// - accepted: done with. retry: only the refused documents again, for ever, after a capped exponential backoff with
/// full jitter or the
///   destination's own wish, whichever is longer. rejected: into the dead letters; a dead-letter file that cannot be
///   written makes it a retry.
/// - A batch that is too large is halved, down to the single document, which is then rejected.
/// - Order: no document is sent for the first time before all that precede its send are finished.
/// - Only contiguous offsets are committed.
///
/// step() is bounded by one attempt of the output and never sleeps. One thread calls step(), wait() and run(); stop(),
/// ended(), gone() and counters() any thread. Everything given must outlive it.
class Runner {
 public:
  /// What step() returns when there is nothing left to do, ever.
  static constexpr Nanos kNever = INT64_MAX;

  Runner(RunnerOptions options, Output& output, std::unique_ptr<Reader> reader, DeadLetters& dead_letters,
         const Clock& clock);

  /// One step; returns how long the caller may wait before the next: 0 for at once.
  Nanos step();
  /// Waits up to `wait`, or until there is something to do: a document, a stop. Bounded by kWaitMax.
  void wait(Nanos wait);
  /// The body of the output's thread: steps until ended().
  void run();
  /// Deliver what is in the queue until the monotonic time `deadline`, then end and leave the rest uncommitted. A later
  /// call may only shorten it.
  void stop(Nanos deadline);

  /// No step will do anything more: stopped, or gone().
  [[nodiscard]] bool ended() const { return ended_.load(std::memory_order_acquire); }
  /// The destination said it will never be back.
  [[nodiscard]] bool gone() const { return gone_.load(std::memory_order_acquire); }
  [[nodiscard]] const OutputCounters& counters() const { return counters_; }
  [[nodiscard]] const std::string& name() const { return options_.name; }

 private:
  static constexpr Nanos kWaitMax = 200 * kMillisecond;
  static constexpr Nanos kRetryAfterMax = 3600 * kSecond;

  [[nodiscard]] bool stopping() const { return stop_at_.load(std::memory_order_acquire) != kNever; }
  Nanos tick_if_due(Nanos now);
  Result<> fill(Nanos now);
  void take_span(Span span);
  [[nodiscard]] bool full() const;
  void attempt(Nanos now);
  void settle(const Window::Part& part, const Attempt& attempt, Nanos now);
  Result<> bury(const Window::Part& part, const Attempt& attempt);
  void commit();
  void failed(Nanos now, std::string_view what, Nanos at_least);
  void recovered(Nanos now);
  void end();

  const RunnerOptions options_;
  Output& output_;
  std::unique_ptr<Reader> reader_;
  DeadLetters& dead_letters_;
  const Clock& clock_;
  Backoff backoff_;
  OutputCounters counters_;

  Span span_;  // read and not yet wholly in a window
  size_t span_at_ = 0;
  Window window_;
  Nanos window_since_ = 0;
  bool window_sealed_ = false;  // sending has begun
  Offset finished_upto_ = 0;
  Offset committed_ = 0;
  size_t limit_;  // documents of the next part: halved by "too large"
  Nanos not_before_ = INT64_MIN;
  Nanos next_tick_ = INT64_MIN;
  Nanos said_at_ = 0;
  std::string said_;  // the failure that was logged last
  bool connected_ = false;

  std::atomic<Nanos> stop_at_{kNever};
  std::atomic<bool> ended_{false};
  std::atomic<bool> gone_{false};
  std::mutex mutex_;  // of the sleep in wait()
  std::condition_variable wake_;
};

}  // namespace acta
