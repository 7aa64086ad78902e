#include <gtest/gtest.h>

#include "model/spool_world.h"
#include "support/seeds.h"

namespace acta {
namespace {

constexpr uint64_t kSeeds = 3000;

/// Seeds that once failed, and are run for ever.
constexpr uint64_t kOnceFailed[] = {6, 47, 72, 133, 135, 1036, 1067, 1091, 426, 487, 881, 886, 2751, 10981};

void run(uint64_t seed) {
  for (const std::string& problem : model::SpoolWorld(seed).run())
    ADD_FAILURE() << problem << "\n" << test::say_seed(seed);
}

TEST(SpoolModel, TheQueueIsWhatItsModelIs) {
  test::be_quiet();
  test::for_seeds(kSeeds, run);
}

TEST(SpoolModel, SeedsThatOnceFailed) {
  test::be_quiet();
  for (const uint64_t seed : kOnceFailed) run(seed);
}

}  // namespace
}  // namespace acta
