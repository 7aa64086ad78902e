#pragma once
#include <cstdint>
#include <string>

namespace acta::test {

/// Which seeds a randomized test runs: `count` from 1 on, or only $ACTA_SEED, or $ACTA_SEEDS, which is "FIRST-LAST".
struct Seeds {
  uint64_t first, last;
};
Seeds seeds_to_run(uint64_t count);

/// Keeps the agent's log out of the way, except when one seed is looked at ($ACTA_SEED).
void be_quiet();

/// Says the seed should the process abort in the middle of it.
void note_seed(uint64_t seed);

/// Runs `body(seed)` for each; SCOPED_TRACE(say_seed(seed)) in it names the seed of a failure.
template <class Body>
void for_seeds(uint64_t count, Body body) {
  const Seeds seeds = seeds_to_run(count);
  for (uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    note_seed(seed);
    body(seed);
  }
  note_seed(0);
}

inline std::string say_seed(uint64_t seed) {
  return "to see it again: ACTA_SEED=" + std::to_string(seed);
}

}  // namespace acta::test
