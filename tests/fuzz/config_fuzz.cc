// Any text as a configuration: it is refused with a message, or its effective form loads again as the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "app/components.h"
#include "app/effective_config.h"
#include "config/loader.h"

namespace {

acta::Result<std::optional<acta::Variable>> variable(std::string_view name) {
  if (name.size() > 2) return std::nullopt;
  return acta::Variable{.value = name.size() == 1 ? "a, b" : ""};
}

/// Takes the lines "-E key=value" from the front of the text.
std::vector<std::string> overrides_of(std::string_view& text) {
  std::vector<std::string> overrides;
  while (text.starts_with("-E ") && overrides.size() < 4) {
    const size_t end = text.find('\n');
    overrides.emplace_back(text.substr(3, end == std::string_view::npos ? end : end - 3));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return overrides;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const acta::Catalog catalog = acta::make_catalog();
  std::string_view text(reinterpret_cast<const char*>(data), size);
  acta::LoadOptions options;
  options.variables = variable;
  options.overrides = overrides_of(text);
  const auto config = acta::parse_config("fuzz.yml", text, catalog, options);
  if (!config) {
    if (config.error().what.empty()) std::abort();
    return 0;
  }
  for (const acta::ProcessorConfig& step : config->processors) static_cast<void>(acta::make_processors({step}));
  const std::string shown = acta::effective_config(*config, catalog);
  const auto again = acta::parse_config("again.yml", shown, catalog, {{}, true, variable});
  if (!again || acta::effective_config(*again, catalog) != shown) std::abort();
  return 0;
}
