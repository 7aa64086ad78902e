#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "config/diagnostics.h"
#include "config/node.h"

namespace acta {

/// What ${NAME} stands for.
struct Variable {
  std::string value{};
  bool secret = false;  ///< not to be shown
};

/// Gives the value of ${NAME}, or nothing when it has none. An error is told where the name stands.
using VariableLookup = std::function<Result<std::optional<Variable>>(std::string_view name)>;

/// getenv(3). Call before other threads start.
Result<std::optional<Variable>> environment_variable(std::string_view name);

namespace config {

/// Replaces ${NAME}, ${NAME:default} and ${NAME:?message} in every value of the tree; $${ stands for ${ itself. A
/// default may hold references of its own; what a variable holds is not looked at again. A variable that is not set and
/// has no default is a problem. Limits: 8 references inside each other, 64 KiB for a value.
void expand_variables(Node& node, const VariableLookup& variables, Diagnostics& problems);

}  // namespace config
}  // namespace acta
