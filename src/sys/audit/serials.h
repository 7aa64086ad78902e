#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/clock.h"
#include "event/loss.h"

namespace acta::kaudit {

/// Watches the serial numbers of one boot for those that never come. Serials are given out by the kernel one by one,
/// but records of concurrent system calls overtake each other, and records that were held back come late: what is
/// missing counts as lost only when it has not come within kPatience. Signed distances: the counter wraps at 2^32. The
/// serials of DAEMON_* records are auditd's own and do not belong here. One thread.
class Serials {
 public:
  static constexpr Nanos kPatience = kSecond / 2;
  /// A leap over more than so many is another counter (another boot), not a gap.
  static constexpr int32_t kLeapMax = 1 << 24;
  /// So many holes are watched; the oldest of more are given up.
  static constexpr size_t kHolesMax = 1024;

  /// A record with this serial was read at `now` (monotonic).
  void see(uint32_t serial, Nanos now);
  /// Serials that have not come in time, ascending; each is given once.
  std::vector<SerialRange> missing(Nanos now);
  /// The highest seen; 0 when none was.
  [[nodiscard]] uint32_t highest() const { return highest_; }
  /// The first seen; 0 when none was.
  [[nodiscard]] uint32_t first() const { return first_; }

 private:
  struct Hole {
    uint32_t first, last;
    Nanos since;
  };
  void fill(uint32_t serial);

  std::deque<Hole> holes_;
  std::vector<SerialRange> given_up_;
  uint32_t highest_ = 0;
  uint32_t first_ = 0;
  bool started_ = false;
};

/// How many serials the ranges hold.
uint64_t count_of(const std::vector<SerialRange>& ranges);

}  // namespace acta::kaudit
