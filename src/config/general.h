#pragma once
#include <span>
#include <string>
#include <string_view>

#include "config/config.h"
#include "config/option.h"

namespace acta::config {

/// Every option that belongs to no component, with its full key.
std::span<const Option> general_options();
/// What every input takes beside its own options.
std::span<const Option> input_options();
/// What every output takes beside its own options and those of the delivery (Catalog::delivery).
std::span<const Option> output_options();

/// The default of a general option, as it is written in YAML.
std::string general_fallback(std::string_view key);

/// Fills the plain members of `config` from config.general.
void apply_general(Config& config);

}  // namespace acta::config
