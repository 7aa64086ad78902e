#include "app/replay.h"

#include <cstdio>

namespace acta {

int replay(const ReplayOptions&) {
  std::fputs("actabeat: error: replay is not supported by this build\n", stderr);
  return 1;
}

}  // namespace acta
