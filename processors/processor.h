#pragma once
#include <cstdint>

#include "config/component.h"
#include "event/event.h"

namespace acta {

enum class Verdict : uint8_t { keep, drop };

/// Refines or drops finished events, in the order of the configuration. One thread (pipeline). Must not fail on any
/// event.
class Processor {
 public:
  virtual ~Processor() = default;
  virtual Verdict process(Event& event) = 0;
};

}  // namespace acta
