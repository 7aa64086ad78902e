#pragma once
#include "app/options.h"

namespace acta {

/// Looks at the destination of every enabled output step by step, sends nothing, and says what is wrong and what to do
/// about it. Returns the exit status.
int run_test_output(const TestOutputOptions& options);

}  // namespace acta
