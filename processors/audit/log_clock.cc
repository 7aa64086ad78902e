#include "processors/audit/log_clock.h"

#include <algorithm>
#include <limits>

namespace acta::audit {

void LogClock::move_to(Nanos time) {
  const auto step = static_cast<Nanos>(std::min(distance(time), static_cast<uint64_t>(window_ / 8)));
  elapsed_ += std::min(step, std::numeric_limits<Nanos>::max() - elapsed_);
  now_ = time;
  leap_key_ = 0;
  behind_ = 0;
}

void LogClock::see(Nanos time, uint64_t key) {
  if (!started_) {
    started_ = true;
    now_ = time;
    return;
  }
  if (near(time)) {
    behind_ = 0;
    if (time > now_) move_to(time);
    return;
  }
  if (time > now_) {
    const bool confirmed = leap_key_ != 0 && leap_key_ != key && time >= leap_ - window_;
    if (confirmed) {
      move_to(std::min(time, leap_));
      if (time != now_) see(time, key);  // near it now, or the next leap
      return;
    }
    if (leap_key_ == 0 || time < leap_) {
      leap_ = time;
      leap_key_ = key;
    }
    return;
  }
  if (++behind_ < kBehindMax) return;
  now_ = time;
  leap_key_ = 0;
  behind_ = 0;
}

}  // namespace acta::audit
