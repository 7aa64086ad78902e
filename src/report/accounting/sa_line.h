#pragma once
#include <string>

#include "report/accounting/sa.h"

namespace acta::report::accounting {

/// The columns of one row, without its name. `total` are the sums that percentages are of.
std::string sa_columns(const SaOptions& options, const Sums& sums, const Sums& total);

/// Whether a row comes before another one.
bool sa_before(const SaOptions& options, const Sums& a, const Sums& b);

}  // namespace acta::report::accounting
