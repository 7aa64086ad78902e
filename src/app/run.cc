#include "app/run.h"

#include <cstdio>

namespace acta {

int run_agent(const RunOptions&) {
  std::fputs("actabeat: error: run is not supported by this build\n", stderr);
  return 1;
}

}  // namespace acta
