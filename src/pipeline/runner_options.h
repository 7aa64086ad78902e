#pragma once
#include <span>

#include "config/option.h"
#include "pipeline/runner.h"

namespace acta {

/// What every output may be told beside its own options, with libbeat's keys.
std::span<const Option> runner_option_table();

/// `settings` hold (at least) the keys of runner_option_table(). `name` is the output's, `seed` that of the jitter.
/// Errc::config names the key.
Result<RunnerOptions> runner_options(const Settings& settings, std::string name, uint64_t seed);

}  // namespace acta
