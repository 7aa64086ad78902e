#include "app/test_config.h"

#include <cstdio>

#include "app/components.h"
#include "app/load.h"

namespace acta {
namespace {

/// Makes every component that is enabled; says what cannot be made. Returns how many could not.
int check_components(const Config& config) {
  int failed = 0;
  const auto checked = [&](const auto& made) {
    if (!made) failed += print_error(made.error());
  };
  for (const InputConfig& input : config.inputs) {
    if (input.enabled) checked(make_input(input));
  }
  for (const ProcessorConfig& step : config.processors) checked(make_processors({step}));
  for (const OutputConfig& output : config.outputs) {
    if (!output.enabled) continue;
    const auto made = make_output(output);
    checked(made);
    if (made) checked(routes_of(**made, output));
  }
  return failed;
}

}  // namespace

int run_test_config(const TestConfigOptions& options) {
  const auto config = load(options.config);
  if (!config) return print_error(config.error());
  if (check_components(*config) > 0) return 1;
  std::puts("Config OK");
  return 0;
}

}  // namespace acta
