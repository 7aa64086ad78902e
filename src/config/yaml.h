#pragma once
#include <string_view>

#include "config/diagnostics.h"
#include "config/node.h"

namespace acta::config {

inline constexpr size_t kFileBytesMax = 1u << 20;
inline constexpr size_t kNodesMax = 20'000;
inline constexpr int kDepthMax = 64;

/// Reads one YAML document into a tree; false and a problem when it is none, or beyond the limits above. Anchors,
/// aliases, tags of types, merge keys, several documents and text that is not UTF-8 are refused. Duplicate keys are
/// kept: merge_keys (tree.h) tells them. The only home of yaml-cpp. With `lines` false, locations say the source only.
bool parse_yaml(std::string_view source, std::string_view text, bool lines, Node& into, Diagnostics& problems);

}  // namespace acta::config
