#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "report/arguments.h"

namespace acta::report::audit {

/// The period of a report or a search, whole seconds since 1970, both ends in it; 0: not given.
struct Period {
  int64_t start = 0;
  int64_t end = 0;

  [[nodiscard]] bool has(int64_t second) const {
    return (start == 0 || second >= start) && (end == 0 || second <= end);
  }
};

/// A moment as the command line has it: a date and a time, either alone.
struct MomentWords {
  std::string date{}, time{};
  [[nodiscard]] bool given() const { return !date.empty() || !time.empty(); }
};
struct PeriodWords {
  MomentWords start{}, end{};
};

/// -ts and -te of ausearch(8). `words` must outlive them.
std::vector<ArgumentOption> period_options(PeriodWords& words);

/// The period that the words mean: dates and times in the form of the locale (%x, %X), or now, recent, boot, today,
/// yesterday, this-week, week-ago, this-month, this-year, seen from `now`. Once zone and locale are set.
Result<Period> read_period(const PeriodWords& words, int64_t now);

/// "11/23/26 02:37:12": date and time as the tools print them.
std::string date_and_time(int64_t second);

}  // namespace acta::report::audit
