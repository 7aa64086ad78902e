#pragma once
#include <vector>

#include "base/clock.h"
#include "inputs/input.h"
#include "pipeline/channel.h"

namespace acta {

/// Pulls the inputs in turn into the channel: the body of the collect thread. No input is pulled while the
/// channel is full: those that cannot wait have a bounded buffer of their own. An input that fails is asked again after
/// a second; it never holds up the others. The inputs are not owned.
class Collector {
 public:
  Collector(std::vector<Input*> inputs, Channel& channel, const Clock& clock);

  /// One round over the inputs; when none had anything, waits up to `wait` for one to become readable or for room in
  /// the channel. Returns false when every input is done.
  bool step(Nanos wait);
  /// The agent stops: inputs that can wait are done; the others leave their sources, and step() until it returns false
  /// gives what they have still.
  void finish();

 private:
  struct Slot {
    Input* input;
    bool done = false;
    Nanos retry_at = 0;  ///< monotonic; 0: now
  };
  /// Returns true when there may be more at once.
  bool pull(Slot& slot);
  void wait_for_input(Nanos wait);

  std::vector<Slot> slots_;
  Channel& channel_;
  const Clock& clock_;
};

}  // namespace acta
