#pragma once
#include "app/options.h"

namespace acta {

/// Print what `setup` makes on a server of that kind and version, with all modules of it, as requests. Return the exit
/// status.
int run_export_template(const ExportIndexOptions& options);
int run_export_policy(const ExportIndexOptions& options);
int run_export_pipeline(const ExportIndexOptions& options);

}  // namespace acta
