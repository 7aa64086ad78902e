#pragma once
#include "app/options.h"

namespace acta {

/// actabeat setup: makes on the server what documents need there. Says what it found, created, changed and left.
/// Returns the exit status.
int run_setup(const SetupOptions& options);

}  // namespace acta
