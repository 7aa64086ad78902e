#pragma once
#include <string>

#include "config/catalog.h"
#include "config/config.h"

namespace acta {

/// What stands for a secret where configuration is shown.
inline constexpr const char* kHiddenSecret = "********";

/// The configuration as YAML with every option's value, defaults too, secrets hidden: what the agent goes by. Loading
/// it gives the same configuration, but for secrets.
std::string effective_config(const Config& config, const Catalog& catalog);

}  // namespace acta
