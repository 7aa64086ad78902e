#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "outputs/output.h"

namespace acta {

/// What is known of the documents of one send, and of those before it whose outcome came too late: so that a document
/// that is on its way is waited for and not sent again, and that the documents of one key are accepted in order.
///
/// A document is named by its index in the send; what the producer is given as its tag is slot(i), which holds over
/// sends. A document that is carried over is known by its id and its turn: the runner gives refused documents again in
/// the order they had; one that it does not give again is forgotten, and sent anew should it come later. One thread.
class Flight {
 public:
  enum class State : uint8_t {
    waiting,    ///< to be sent
    flying,     ///< in the producer's hands
    delivered,  ///< confirmed
    failed,     ///< refused, to be sent again
    too_large   ///< refused for its size, and nobody else's
  };

  /// Begins a send: documents that were carried over keep their state, but for the failed: they wait again.
  void begin(Docs docs);
  [[nodiscard]] size_t size() const { return slot_of_.size(); }
  [[nodiscard]] size_t slot(size_t i) const { return slot_of_[i]; }
  [[nodiscard]] State state(size_t i) const { return slots_[slot_of_[i]].state; }
  /// It was refused for its size together with others of its request: it goes alone, so that the answer is its own.
  [[nodiscard]] bool alone(size_t i) const { return slots_[slot_of_[i]].alone; }

  void launched(size_t i);
  /// The producer does not take it: it is larger than a message may be.
  void oversized(size_t i);
  /// The producer's answer for slot `tag`.
  void delivered(size_t tag);
  void refused(size_t tag, bool for_size);
  /// The producer is gone, and will not answer any more: what was flying is to be sent again.
  void crashed();
  [[nodiscard]] size_t flying() const { return flying_; }
  /// Something was refused since begin().
  [[nodiscard]] bool troubled() const { return troubled_; }

  /// Ends the send. accepted: delivered, and no document of its key before it is still open: the order of a key holds
  /// also when the agent ends now. One that was delivered after a refused one of its key goes again, after that one.
  /// `keys`: a number for the key of each document, the same for the same key.
  std::vector<Fate> end(Docs docs, const std::vector<uint64_t>& keys);

 private:
  struct Slot {
    State state = State::waiting;
    bool alone = false;
  };

  std::vector<Slot> slots_;
  std::vector<size_t> slot_of_;                          // of the documents of this send
  std::vector<std::pair<std::string, size_t>> carried_;  // ids and slots of those not told to be final, in order
  size_t flying_ = 0;
  bool troubled_ = false;
};

}  // namespace acta
