#pragma once
#include <vector>

#include "event/loss.h"

namespace acta {

/// Holds losses until they are told: the first one at once, those that follow it within kEvery merged, so that there is
/// at most about one document per kEvery, source and reason, and none is told later than that. Bounded by the number of
/// sources, outputs and reasons. One thread (pipeline).
class LossLedger {
 public:
  static constexpr Nanos kEvery = kSecond;

  void add(const Loss& loss);
  /// Those to be told now (monotonic), in the order in which they began.
  std::vector<Loss> due(Nanos now) { return take(now, false); }
  /// All of them, whatever the time: at the end.
  std::vector<Loss> rest(Nanos now) { return take(now, true); }
  /// Nothing waits to be told.
  [[nodiscard]] bool empty() const { return waiting_ == 0; }
  /// One of `source` waits to be told.
  [[nodiscard]] bool has(uint16_t source) const;

 private:
  struct Account {
    Loss loss;
    bool waits = false;
    Nanos told_at = 0;
    bool told = false;
  };
  std::vector<Loss> take(Nanos now, bool all);

  std::vector<Account> accounts_;
  size_t waiting_ = 0;
};

}  // namespace acta
