#pragma once
#include <functional>

#include "base/clock.h"
#include "report/reading.h"
#include "sys/fd.h"

namespace acta::report {

/// With --follow: waits for documents that are not there yet, until SIGINT or SIGTERM, which it takes over. Without:
/// the documents that are there. One of a process; one thread.
class Following {
 public:
  static constexpr Nanos kRound = kSecond / 2;   ///< between two looks for more
  static constexpr Nanos kSettle = 3 * kSecond;  ///< so long a row may wait for one that began earlier

  /// `settle` is called when all that was given so far is to be shown.
  Following(bool on, const Clock& clock, std::function<void()> settle);

  /// As Reading::next(); false also after one of the signals.
  Result<bool> next(Reading& reading, Document& document);

 private:
  bool settle_if_due();
  [[nodiscard]] bool is_stopped_within(Nanos time) const;

  Fd signals_;  ///< readable after a signal; none without --follow
  const Clock& clock_;
  const std::function<void()> settle_;
  Nanos waiting_since_ = -1;  ///< since when something waits to be shown; -1: nothing does
};

}  // namespace acta::report
