#pragma once
#include "app/options.h"

namespace acta {

/// actabeat setup --dashboards: loads the dashboards into Kibana or OpenSearch Dashboards, and says what it loaded and
/// what was refused. Returns the exit status: 1 also when a single object was refused.
int run_setup_dashboards(const SetupOptions& options);

}  // namespace acta
