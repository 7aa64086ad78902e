#include "support/seeds.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>

#include "base/log.h"

namespace acta::test {
namespace {

// What the handler writes: made beforehand, for a handler may do next to nothing.
std::array<char, 96> said{};
volatile std::sig_atomic_t said_size = 0;

void say(int) {
  static_cast<void>(!::write(STDERR_FILENO, said.data(), static_cast<size_t>(said_size)));
}

}  // namespace

Seeds seeds_to_run(uint64_t count) {
  if (const char* only = std::getenv("ACTA_SEED")) {
    const uint64_t seed = std::strtoull(only, nullptr, 10);
    return {seed, seed};
  }
  const char* range = std::getenv("ACTA_SEEDS");
  if (range == nullptr) return {1, count};
  char* end = nullptr;
  const uint64_t first = std::strtoull(range, &end, 10);
  return {first, *end == '-' ? std::strtoull(end + 1, nullptr, 10) : first};
}

void be_quiet() {
  log::Settings settings;
  settings.to_stderr = std::getenv("ACTA_SEED") != nullptr;
  static_cast<void>(log::setup(settings));
}

void note_seed(uint64_t seed) {
  said_size = 0;
  if (seed == 0) return;
  const std::string text = say_seed(seed) + "\n";
  text.copy(said.data(), said.size());
  said_size = static_cast<std::sig_atomic_t>(std::min(text.size(), said.size()));
  std::signal(SIGABRT, say);
}

}  // namespace acta::test
