#include "app/export.h"

#include <cstdio>

#include "app/components.h"
#include "app/effective_config.h"
#include "app/field_list.h"
#include "app/load.h"
#include "app/schema.h"

namespace acta {
namespace {

int print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) return print_error({Errc::io, 0, "cannot write to standard output"});
  return 0;
}

}  // namespace

int run_export_config(const ExportOptions& options) {
  const auto config = load(options.config);
  if (!config) return print_error(config.error());
  return print(effective_config(*config, make_catalog()));
}

int run_export_fields(const ExportOptions& options) {
  return print(options.json ? fields_json() : fields_yaml());
}

int run_export_schema() {
  return print(config_schema(make_catalog()));
}

}  // namespace acta
