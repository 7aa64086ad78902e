#pragma once
#include "app/options.h"
#include "config/config.h"

namespace acta {

/// Loads the configuration that a command line names, against everything that is registered.
Result<Config> load(const ConfigOptions& options);

/// Prints a failure to standard error, each of its lines after "actabeat: error: ". Returns the exit status for it.
int print_error(const Error& error);

}  // namespace acta
