#include "app/version.h"

#include <cstdio>

#include "event/ecs.h"

namespace acta {

const char* const kVersion = ACTA_VERSION;

int run_version() {
  std::printf("actabeat version %s (ECS %s, %s %s)\n", kVersion, kEcsVersion.data(),
#ifdef __clang__
              "clang",
#else
              "g++",
#endif
              __VERSION__);
  return 0;
}

}  // namespace acta
