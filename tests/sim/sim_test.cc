#include <gtest/gtest.h>

#include "sim/world.h"
#include "support/seeds.h"

// The whole agent on one thread against the delivery contract (docs/delivery.md): see World.
namespace acta {
namespace {

constexpr uint64_t kSeeds = 2000;

TEST(Simulation, TheContractHolds) {
  test::be_quiet();
  sim::World::Story all;
  test::for_seeds(kSeeds, [&](uint64_t seed) {
    sim::World world(seed);
    for (const std::string& problem : world.run()) ADD_FAILURE() << problem << "\n" << test::say_seed(seed);
    all.documents += world.story().documents;
    all.lives += world.story().lives;
    all.kills += world.story().kills;
    all.crashes += world.story().crashes;
    all.failures += world.story().failures;
  });
  std::printf("%zu documents in %zu lives; %zu kills, %zu crashes of the host, %zu failures for good\n", all.documents,
              all.lives, all.kills, all.crashes, all.failures);
}

}  // namespace
}  // namespace acta
