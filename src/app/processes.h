#pragma once
#include <functional>
#include <string>
#include <vector>

#include "report/accounting/process.h"
#include "report/common_options.h"

namespace acta {

/// Hands over each process of the documents that are asked for, in their order. Returns what has to be said before the
/// figures.
Result<std::vector<std::string>> each_process(const report::CommonOptions& options,
                                              const std::function<void(const report::accounting::Process&)>& take);

/// The zone that is asked for; and, as these tools have it in every locale, the numbers and letters of the C locale.
Result<> use_zone_of(const report::CommonOptions& options);

}  // namespace acta
