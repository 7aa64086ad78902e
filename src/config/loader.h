#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "config/catalog.h"
#include "config/config.h"
#include "config/expand.h"

namespace acta {

struct LoadOptions {
  std::vector<std::string> overrides;  ///< "key=value", value in YAML; later ones win
  bool strict_perms = true;            ///< refuse a file that others own or may write
  VariableLookup variables = environment_variable;
};

/// Reads and checks a configuration file. ${NAME} is looked up in the keystore, then by options.variables. Everything
/// that is wrong is reported at once: Errc::config, one line each in `what`, "file:line:column: what is wrong, and the
/// way out". Limits: 1 MiB, 64 levels, 20,000 nodes, no anchors or aliases, one document.
Result<Config> load_config(Fs& fs, const std::string& path, const Catalog& catalog, const LoadOptions& options);

/// The same for text in memory, with `name` in messages; its owner is not asked, and no keystore is looked into.
Result<Config> parse_config(const std::string& name, std::string_view text, const Catalog& catalog,
                            const LoadOptions& options);

/// Where the keystore of a configuration file is, or would be. Nothing else of it is checked.
Result<std::string> find_keystore(Fs& fs, const std::string& path, const LoadOptions& options);

}  // namespace acta
