#include "app/load.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "app/components.h"
#include "config/loader.h"

namespace acta {

Result<Config> load(const ConfigOptions& options) {
  PosixFs fs;
  LoadOptions how;
  how.overrides = options.overrides;
  how.strict_perms = options.strict_perms;
  return load_config(fs, options.file, make_catalog(), how);
}

int print_error(const Error& error) {
  std::string_view rest = error.what;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    std::fprintf(stderr, "actabeat: error: %.*s\n", static_cast<int>(line.size()), line.data());
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return 1;
}

}  // namespace acta
