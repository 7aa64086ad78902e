#pragma once
#include <vector>

#include "report/audit/aureport.h"
#include "report/common_options.h"

namespace acta::report::audit {

/// The options of aureport(8) and ours. All three must outlive the table.
std::vector<ArgumentOption> aureport_options(AureportOptions& options, CommonOptions& common, PeriodWords& period);

/// Options of both tools: --escape, --node, --eoe-timeout.
std::vector<ArgumentOption> shared_options(Escape& escape, std::vector<std::string>& nodes, int64_t& end_of_event);

}  // namespace acta::report::audit
