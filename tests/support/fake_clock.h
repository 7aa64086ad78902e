#pragma once
#include "base/clock.h"

namespace acta::test {

/// A clock that moves only when told. One thread.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] Nanos monotonic() const override { return now_; }
  [[nodiscard]] Nanos realtime() const override { return epoch_ + now_; }
  void advance(Nanos by) { now_ += by; }
  void set_realtime(Nanos at) { epoch_ = at - now_; }

 private:
  Nanos now_ = kSecond;
  Nanos epoch_ = 1'795'000'000 * kSecond;  // 2026-11
};

}  // namespace acta::test
