#pragma once
#include <optional>
#include <string_view>

#include "config/condition_spec.h"
#include "config/diagnostics.h"
#include "config/node.h"

namespace acta::config {

/// Reads a condition in libbeat's form: a group with one operator. `path` is its key, for messages. Whether fields
/// exist and patterns are valid is found by who compiles it.
std::optional<ConditionSpec> read_condition(const Node& node, std::string_view path, Diagnostics& problems);

}  // namespace acta::config
