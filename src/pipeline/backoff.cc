#include "pipeline/backoff.h"

#include <algorithm>

namespace acta {

// SplitMix64 (Steele, Lea, Flood 2014): enough to spread waits.
uint64_t Backoff::draw() {
  state_ += 0x9e3779b97f4a7c15u;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

Nanos Backoff::next() {
  Nanos cap = std::max(init_, kLeast);
  const Nanos top = std::max(max_, cap);
  for (uint32_t i = 0; i < failures_ && cap < top; ++i) cap = cap > top / 2 ? top : cap * 2;
  if (failures_ < UINT32_MAX) ++failures_;
  return kLeast + static_cast<Nanos>(draw() % static_cast<uint64_t>(cap - kLeast + 1));
}

}  // namespace acta
