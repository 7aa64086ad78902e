#pragma once

namespace acta {

/// "0.1.0"
extern const char* const kVersion;

/// Prints version, ECS version and the libraries built with. Returns the exit status.
int run_version();

}  // namespace acta
