#pragma once
#include <cstddef>

#include "base/clock.h"

namespace acta {

/// How many attempts may be under way to one destination: fixed, or found by additive increase and multiplicative
/// decrease. It grows by one when as many attempts in a row as are allowed went well with all lanes busy, and is halved
/// by a refusal, or by an answer that took much longer than the best of late; by one event at most once, however many
/// attempts meet it. Pure logic; the owner locks.
class Concurrency {
 public:
  /// An answer is late when it took kLateFactor times the best, and kLateLeast longer.
  static constexpr int kLateFactor = 3;
  static constexpr Nanos kLateLeast = 50 * kMillisecond;

  Concurrency(size_t most, bool adaptive) : most_(most), adaptive_(adaptive), allowed_(adaptive ? 1 : most) {}

  [[nodiscard]] size_t allowed() const { return allowed_; }
  /// An attempt that began at `began` ended at `now`, while `busy` were under way, itself included.
  void answered(Nanos began, Nanos now, bool refused, size_t busy);

 private:
  bool late(Nanos took);
  void decrease(Nanos began, Nanos now);

  const size_t most_;
  const bool adaptive_;
  size_t allowed_;
  size_t good_ = 0;
  Nanos best_ = 0;
  Nanos decreased_at_ = INT64_MIN;
};

}  // namespace acta
