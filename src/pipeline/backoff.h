#pragma once
#include <cstdint>

#include "base/clock.h"

namespace acta {

/// Capped exponential backoff with full jitter: the n-th wait is drawn evenly from [least, min(max, init * 2^n)]. One
/// thread.
class Backoff {
 public:
  /// The shortest wait: none would be a busy loop.
  static constexpr Nanos kLeast = kMillisecond;

  /// `seed` makes the draws repeatable.
  Backoff(Nanos init, Nanos max, uint64_t seed) : init_(init), max_(max), state_(seed) {}

  /// The next wait.
  Nanos next();
  /// After progress: begin again with `init`.
  void reset() { failures_ = 0; }
  [[nodiscard]] uint32_t failures() const { return failures_; }

 private:
  uint64_t draw();

  Nanos init_;
  Nanos max_;
  uint64_t state_;
  uint32_t failures_ = 0;
};

}  // namespace acta
