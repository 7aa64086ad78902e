#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "config/catalog.h"
#include "config/config.h"

namespace acta {

/// Gives the value of ${NAME}: the environment now, a keystore before it later. Nothing when it has none.
using VariableLookup = std::function<std::optional<std::string>(std::string_view name)>;

/// getenv(3). Call before other threads start.
std::optional<std::string> environment_variable(std::string_view name);

struct LoadOptions {
  std::vector<std::string> overrides;  ///< "key=value", value in YAML; later ones win
  bool strict_perms = true;            ///< refuse a file that others own or may write
  VariableLookup variables = environment_variable;
};

/// Reads and checks a configuration file. Everything that is wrong is reported at once: Errc::config, one line each in `what`,
/// "file:line:column: what is wrong, and the way out". Limits: 1 MiB, 64 levels, 50,000 nodes, no anchors or aliases, one document.
Result<Config> load_config(Fs& fs, const std::string& path, const Catalog& catalog, const LoadOptions& options);

/// The same for text in memory, with `name` in messages; its owner is not asked.
Result<Config> parse_config(const std::string& name, std::string_view text, const Catalog& catalog, const LoadOptions& options);

}  // namespace acta
