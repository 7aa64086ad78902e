#pragma once
#include <gtest/gtest.h>

#include "app/engine.h"

namespace acta::test {

/// Both sums of the delivery contract. Call it at any quiet moment: when no thread is inside a step of the engine.
inline void expect_conserved(const Engine& engine) {
  for (const InputSum& sum : engine.input_sums()) EXPECT_TRUE(sum.holds()) << sum.name << ": " << sum.text();
  for (const OutputSum& sum : engine.output_sums()) EXPECT_TRUE(sum.holds()) << sum.name << ": " << sum.text();
}

}  // namespace acta::test
