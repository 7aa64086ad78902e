#include "pipeline/concurrency.h"

#include <algorithm>

namespace acta {

void Concurrency::answered(Nanos began, Nanos now, bool refused, size_t busy) {
  if (!adaptive_) return;
  if (refused || late(std::max<Nanos>(now - began, 1))) return decrease(began, now);
  if (busy < allowed_ || ++good_ < allowed_) return;
  good_ = 0;
  allowed_ = std::min(most_, allowed_ + 1);
}

// The best follows slowly what gets longer for good.
bool Concurrency::late(Nanos took) {
  constexpr Nanos kFollow = 64;
  if (best_ == 0 || took <= best_) {
    best_ = took;
    return false;
  }
  const bool is_late = took > kLateFactor * best_ && took - best_ > kLateLeast;
  best_ += (took - best_) / kFollow;
  return is_late;
}

void Concurrency::decrease(Nanos began, Nanos now) {
  good_ = 0;
  if (began < decreased_at_) return;  // met by an attempt from before the decrease
  allowed_ = std::max<size_t>(1, allowed_ / 2);
  decreased_at_ = now;
}

}  // namespace acta
