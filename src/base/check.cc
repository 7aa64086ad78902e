#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace acta {

void check_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "actabeat: bug: %s does not hold at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace acta
