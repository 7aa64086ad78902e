#include "app/test_config.h"
namespace acta {
int run_test_config(const TestConfigOptions&) { return 1; }
}  // namespace acta
