#pragma once
#include "app/options.h"

namespace acta {

/// Loads and checks the configuration, makes every component of it, starts nothing. Returns the exit status.
int run_test_config(const TestConfigOptions& options);

}  // namespace acta
