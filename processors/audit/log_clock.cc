#include "processors/audit/log_clock.h"

#include <algorithm>
#include <limits>

namespace acta::audit {

void LogClock::move_to(Nanos time) {
  const uint64_t room = static_cast<uint64_t>(std::numeric_limits<Nanos>::max() - elapsed_);
  const uint64_t step = distance(time);
  elapsed_ = step > room ? std::numeric_limits<Nanos>::max() : elapsed_ + static_cast<Nanos>(step);
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
