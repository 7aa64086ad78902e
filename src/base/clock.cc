#include "base/clock.h"

#include <ctime>

namespace acta {
namespace {

Nanos read_clock(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<Nanos>(now.tv_sec) * kSecond + now.tv_nsec;
}

}  // namespace

Nanos SystemClock::monotonic() const {
  return read_clock(CLOCK_MONOTONIC);
}
Nanos SystemClock::realtime() const {
  return read_clock(CLOCK_REALTIME);
}

}  // namespace acta
