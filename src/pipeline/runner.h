#pragma once
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "outputs/output.h"
#include "pipeline/backoff.h"
#include "pipeline/concurrency.h"
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
  Nanos send_timeout = 90 * kSecond;       ///< deadline of one attempt
  Nanos tick_interval = kSecond;           ///< Output::tick is called about this often
  uint64_t seed = 0;                       ///< of the jitter
  size_t workers = 1;                      ///< attempts under way at once: as many outputs are given
  bool adaptive = false;                   ///< `workers` is the most, how many is found out (Concurrency)
  size_t in_flight_bytes_max = 64u << 20;  ///< of the documents under way, over all workers
};

/// Brings the documents of one reader to one destination, each to exactly one final fate. Retry, backoff, splitting,
/// dead letters and commits are here and nowhere else.
///
/// - accepted: done with. retry: only the refused documents again, for ever, after a capped exponential backoff with
/// full jitter or the
///   destination's own wish, whichever is longer. rejected: into the dead letters; a dead-letter file that cannot be
///   written makes it a retry.
/// - A batch that is too large is halved, down to the single document, which is then rejected.
/// - Each worker is a lane: an output and the group of documents it is sending. Groups are taken in queue order. With
///   one lane no document is sent for the first time before all that precede its send are finished.
/// - Backoff is the destination's: a failure stops all lanes, and when the wait is over one of them tries first.
/// - Only contiguous offsets are committed: up to the first document of any group that is not final. What is under way
///   beyond that is bounded by in_flight_bytes_max and kAheadGroups.
///
/// step() is bounded by one attempt of the output and never sleeps. One thread for each lane calls its step(), wait()
/// and run(), or one thread those of all; stop(), interrupt(), ended(), gone() and counters() any thread. Everything
/// given must outlive it.
class Runner {
 public:
  /// What step() returns when there is nothing left to do, ever.
  static constexpr Nanos kNever = INT64_MAX;
  /// How far, in groups for each lane, documents are taken beyond the first that is not final: bounds what comes again
  /// after a kill.
  static constexpr size_t kAheadGroups = 16;

  /// One output for each lane.
  Runner(RunnerOptions options, std::vector<Output*> outputs, std::unique_ptr<Reader> reader, DeadLetters& dead_letters,
         const Clock& clock);
  Runner(RunnerOptions options, Output& output, std::unique_ptr<Reader> reader, DeadLetters& dead_letters,
         const Clock& clock)
      : Runner(std::move(options), std::vector<Output*>{&output}, std::move(reader), dead_letters, clock) {}

  [[nodiscard]] size_t lanes() const { return lanes_.size(); }
  /// One step of a lane; returns how long the caller may wait before its next: 0 for at once.
  Nanos step(size_t lane = 0);
  /// Waits up to `wait`, or until there is something to do: a document, a stop. Bounded by kWaitMax.
  void wait(Nanos wait, size_t lane = 0);
  /// The body of the lane's thread: steps until the lane has ended.
  void run(size_t lane = 0);
  /// Deliver what is in the queue until the monotonic time `deadline`, then end and leave the rest uncommitted. A later
  /// call may only shorten it.
  void stop(Nanos deadline);
  /// Waits up to `wait` for ended().
  void wait_ended(Nanos wait);
  /// Cuts attempts short that are under way (Output::interrupt): for the time when the deadline of stop() is over.
  void interrupt();

  /// No step will do anything more: stopped, or gone().
  [[nodiscard]] bool ended() const { return ended_.load(std::memory_order_acquire); }
  /// The destination said it will never be back.
  [[nodiscard]] bool gone() const { return gone_.load(std::memory_order_acquire); }
  [[nodiscard]] const OutputCounters& counters() const { return counters_; }
  [[nodiscard]] const std::string& name() const { return options_.name; }

 private:
  static constexpr Nanos kWaitMax = 200 * kMillisecond;
  static constexpr Nanos kRetryAfterMax = 3600 * kSecond;
  static constexpr size_t kNobody = SIZE_MAX;

  struct Lane {
    size_t number;
    Output* output;
    Window window{};  // what it is sending
    size_t limit;     // documents of the next part: halved by "too large"
    bool connected = false;
    bool ended = false;
    Nanos next_tick = INT64_MIN;
  };
  using Lock = std::unique_lock<std::mutex>;

  [[nodiscard]] bool stopping() const { return stop_at_.load(std::memory_order_acquire) != kNever; }
  /// How long the lane has to wait for the destination; 0: not at all.
  Nanos held_back(const Lane& lane, Nanos now);
  bool connect(Lane& lane, Nanos now, Lock& lock);
  Nanos tick_if_due(Lane& lane, Nanos now, Lock& lock);
  /// Gives the lane the next group. Returns 0, or how long to wait: there is none yet; kNever: there never will be one.
  Nanos take_group(Lane& lane, Nanos now);
  [[nodiscard]] bool may_take() const;
  Result<> fill(Nanos now);
  void take_span(Span span);
  [[nodiscard]] bool full() const;
  void attempt(Lane& lane, Lock& lock);
  void settle(Lane& lane, Docs part, const Attempt& attempt, Nanos began, Nanos now);
  Result<> bury(Docs part, const Attempt& attempt);
  void finish_group(Lane& lane);
  [[nodiscard]] Offset finished_upto() const;
  void commit();
  void failed(Nanos began, Nanos now, std::string_view what, Nanos at_least);
  void say_failure(Nanos now, std::string_view what);
  void recovered(Nanos began, Nanos now);
  void end(Lane& lane);

  const RunnerOptions options_;
  std::unique_ptr<Reader> reader_;
  DeadLetters& dead_letters_;
  const Clock& clock_;
  OutputCounters counters_;

  std::mutex mutex_;  // of all below; not held while an output works, or while a lane waits in the reader
  std::condition_variable wake_;
  std::vector<Lane> lanes_;
  Span span_;  // read and not yet wholly in a window
  size_t span_at_ = 0;
  bool reading_ = false;  // a lane waits in the reader
  Window next_;           // the group that is gathered
  Nanos next_since_ = 0;
  bool next_sealed_ = false;
  std::map<Offset, Offset> under_way_;  // groups of lanes: first document -> finished up to
  Offset taken_upto_ = 0;               // end of the last group taken
  size_t in_flight_bytes_ = 0;
  Offset committed_ = 0;

  Backoff backoff_;
  Concurrency concurrency_;
  Nanos not_before_ = INT64_MIN;
  Nanos failed_at_ = INT64_MIN;
  size_t probe_ = kNobody;  // the lane that tries first after a failure
  Nanos said_at_ = 0;
  std::string said_;  // the failure that was logged last
  size_t busy_ = 0;   // attempts under way

  std::atomic<Nanos> stop_at_{kNever};
  std::atomic<bool> ended_{false};
  std::atomic<bool> gone_{false};
};

}  // namespace acta
