#include "app/version.h"

#include <cstdio>

namespace acta {

const char* const kVersion = ACTA_VERSION;

int run_version() {
  std::printf("actabeat version %s (ECS 9.4.0, %s %s)\n", kVersion,
#ifdef __clang__
              "clang",
#else
              "g++",
#endif
              __VERSION__);
  return 0;
}

}  // namespace acta
