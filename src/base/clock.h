#pragma once
#include <cstdint>

namespace acta {

/// Nanoseconds: since 1970 (UTC) for a point of real time, since some start for a monotonic one, or a length of time.
using Nanos = int64_t;

inline constexpr Nanos kMicrosecond = 1'000;
inline constexpr Nanos kMillisecond = 1'000'000;
inline constexpr Nanos kSecond = 1'000'000'000;

/// Where time comes from: a seam of simulation. Any thread may call.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Nanos monotonic() const = 0;
  [[nodiscard]] virtual Nanos realtime() const = 0;
};

/// The host's clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Nanos monotonic() const override;
  [[nodiscard]] Nanos realtime() const override;
};

}  // namespace acta
