#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace acta {

/// Tells messages that were said a moment ago, and counts them. Remembers at most kRemembered; beyond, the oldest is
/// forgotten after its count was given out. One thread.
class Repeats {
 public:
  static constexpr Nanos kWindow = 10 * kSecond;
  static constexpr size_t kRemembered = 256;

  /// A message that was held back `count` times.
  struct Counted {
    uint8_t level;
    std::string component;
    std::string message;
    uint64_t count;
  };

  /// True when the message is to be written, false when it was written less than kWindow ago and is only counted. `now`
  /// is monotonic.
  bool admit(uint8_t level, std::string_view component, std::string_view message, Nanos now);
  /// Counts whose window is over, or that had to be forgotten; each is given once.
  std::vector<Counted> due(Nanos now);
  /// All counts.
  std::vector<Counted> all();

 private:
  struct Entry {
    uint64_t hash;
    Nanos since;
    Counted counted;
  };
  void give_out(Entry& entry);

  std::vector<Entry> entries_;  // in order of `since`
  std::vector<Counted> due_;
};

}  // namespace acta
