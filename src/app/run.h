#pragma once
#include "app/options.h"

namespace acta {

/// The agent: until a signal, or with `once` until all is read and delivered. Returns the exit status.
int run_agent(const RunOptions& options);

}  // namespace acta
