#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/diagnostics.h"
#include "config/node.h"
#include "config/option.h"

namespace acta::config {

/// What reading a group of settings by a table needs.
struct ReadRequest {
  std::span<const Option> options;
  std::string_view path;  ///< of the group, for messages: "output.file"; "" for the root
  /// Keys of the group that somebody else reads ("type", "when", "processors").
  std::span<const std::string_view> others{};
  bool require = true;  ///< ask for required options; not of disabled components
};

/// Reads a merged group by its table into `settings`: converts, checks ranges and choices, fills in defaults. Keys that
/// the table does not have, wrong types and impossible values go to `problems` with the way out.
void read_settings(const Node& group, const ReadRequest& request, Settings& settings, Diagnostics& problems);

/// Reads one value by its option. Nothing when it is none, after a problem.
std::optional<Settings::Value> read_value(const Node& node, const Option& option, std::string_view path,
                                          Diagnostics& problems);

}  // namespace acta::config
