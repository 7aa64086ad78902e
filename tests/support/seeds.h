#pragma once
#include <cstdint>
#include <cstdlib>
#include <string>

namespace acta::test {

/// The seeds of a randomized test: `count` from 1 on, or only $ACTA_SEED. Runs `body(seed)` for each;
/// SCOPED_TRACE(say_seed(seed)) in it names the seed of a failure.
template <class Body>
void for_seeds(uint64_t count, Body body) {
  const char* only = std::getenv("ACTA_SEED");
  if (only != nullptr) return body(std::strtoull(only, nullptr, 10));
  for (uint64_t seed = 1; seed <= count; ++seed) body(seed);
}

inline std::string say_seed(uint64_t seed) {
  return "to see it again: ACTA_SEED=" + std::to_string(seed);
}

}  // namespace acta::test
