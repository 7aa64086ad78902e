#pragma once
#include "app/options.h"

namespace acta {

/// Finished files to documents on standard output. Returns the exit status.
int replay(const ReplayOptions& options);

}  // namespace acta
