#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/event.h"

namespace acta {

/// Follows over the events of one input what no single event shows, and makes documents of its own when it has come to
/// its end. One for each input; one thread (pipeline).
///
/// Its state is saved with the input's cursor, and is always what the events made of it that a resume does not read
/// again: the same events in the same order give the same state and the same documents, ids included. So a document
/// that comes again after a crash is the same document.
class Follower {
 public:
  /// Takes a finished document; the event may be changed and is reused.
  using Made = std::function<void(Event&)>;

  virtual ~Follower() = default;
  /// Looks at an event as its decoder made it, before any processor. True when that changed the state: settle() is
  /// called next.
  virtual bool follow(const Event& event, const Made& made) = 0;
  /// The last change belongs to the state that is saved once all documents before `upto` are safe. `upto` never falls.
  virtual void settle(uint64_t upto) = 0;
  /// The state for a cursor for which all documents before `safe` are safe; "" for none.
  [[nodiscard]] virtual const std::string& state(uint64_t safe) = 0;
  /// Takes a saved state over, before anything else. Fails when it is none.
  virtual Result<> resume(std::string_view state) = 0;
};

}  // namespace acta
