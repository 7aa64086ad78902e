#include "base/log.h"

#include <cstdio>

namespace acta::log {
namespace {
Settings current;
}

void setup(const Settings& settings) { current = settings; }
bool enabled(Level level) { return level >= current.level; }

void write(Level level, std::string_view component, std::string_view message) {
  if (!enabled(level)) return;
  std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(component.size()), component.data(),
               static_cast<int>(message.size()), message.data());
}

}  // namespace acta::log
