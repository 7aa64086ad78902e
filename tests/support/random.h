#pragma once
#include <cstdint>
#include <random>

namespace acta::test {

/// The one source of chance of a simulated world.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  /// A number below `below`, which is not 0.
  size_t pick(size_t below) { return static_cast<size_t>(engine_() % below); }
  /// True `percent` times in a hundred.
  bool chance(size_t percent) { return pick(100) < percent; }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace acta::test
