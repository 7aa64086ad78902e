#pragma once
#include <deque>
#include <string>
#include <string_view>

#include "config/diagnostics.h"
#include "config/node.h"

namespace acta::config {

/// Turns dotted keys into nested groups everywhere in the tree: `output.file: {path: x}` becomes `output: {file: {path:
/// x}}`. A key that is written twice, in one form or in both, is a problem.
Node merge_keys(Node node, Diagnostics& problems);

/// Applies one "key=value" to a merged tree: a group is merged into what is there, anything else replaces it. The
/// source of its nodes is kept in `sources`, which has to outlive them.
void apply_override(Node& root, const std::string& assignment, std::deque<std::string>& sources, Diagnostics& problems);

}  // namespace acta::config
