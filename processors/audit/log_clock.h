#pragma once
#include <cstdint>

#include "base/clock.h"

namespace acta::audit {

/// The time of a log, told from the stamps of its records, for closing events by age. Stamps are not sorted: a blocking
/// system call is stamped with its entry, minutes before its record is written; another node's clock is off; clocks are
/// set, in both directions; and a damaged stamp can say anything. So the clock follows stamps within `window` of it, a
/// leap forward when a second event confirms it, and a leap back when nothing else has been seen for kBehindMax
/// records. elapsed() never goes back, does not move on a leap back, and counts a silence of the log as an eighth of
/// the window at most: a host that stood still, or waited for its audit backlog, goes on with its events afterwards.
class LogClock {
 public:
  explicit LogClock(Nanos window) : window_(window) {}

  /// A record stamped `time` of the event `key` was read.
  void see(Nanos time, uint64_t key);

  /// Log time that has passed, from an arbitrary start, without the length of silences.
  [[nodiscard]] Nanos elapsed() const { return elapsed_; }
  /// Whether a stamp is within the window of the time of the log.
  [[nodiscard]] bool near(Nanos time) const { return distance(time) <= static_cast<uint64_t>(window_); }

 private:
  static constexpr uint32_t kBehindMax = 64;

  [[nodiscard]] uint64_t distance(Nanos time) const {
    const auto a = static_cast<uint64_t>(time);
    const auto b = static_cast<uint64_t>(now_);
    return time > now_ ? a - b : b - a;
  }
  void move_to(Nanos time);

  Nanos window_;
  Nanos now_ = 0;
  Nanos elapsed_ = 0;
  Nanos leap_ = 0;         // a stamp ahead of the window, not yet confirmed
  uint64_t leap_key_ = 0;  // of the event that has it; 0 when there is none
  uint32_t behind_ = 0;    // records behind the window since one was in it
  bool started_ = false;
};

}  // namespace acta::audit
