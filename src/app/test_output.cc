#include "app/test_output.h"

#include <fmt/format.h>

#include "app/components.h"
#include "app/load.h"

namespace acta {

int run_test_output(const TestOutputOptions& options) {
  const auto config = load(options.config);
  if (!config) return print_error(config.error());
  int failed = 0;
  for (const OutputConfig& written : config->outputs) {
    if (!written.enabled) continue;
    fmt::print("output.{}\n", written.type);
    const auto output = make_output(written);
    if (!output) {
      failed += print_error(output.error());
      continue;
    }
    for (const CheckStep& step : (*output)->check()) {
      fmt::print("  {} {}{}{}\n", step.good ? "ok   " : "FAIL ", step.name, step.detail.empty() ? "" : ": ",
                 step.detail);
      failed += step.good ? 0 : 1;
    }
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace acta
