#include "outputs/kafka/flight.h"

#include "base/check.h"

namespace acta {

void Flight::begin(const Batch& docs, size_t from, size_t to) {
  if (carried_.empty() && flying_ == 0) slots_.clear();
  slot_of_.clear();
  troubled_ = false;
  for (size_t i = from; i < to; ++i) {
    const auto found = carried_.empty() ? carried_.end() : carried_.find(std::string(docs[i].meta.id));
    if (found != carried_.end()) {
      slot_of_.push_back(found->second);
      Slot& slot = slots_[found->second];
      if (slot.state == State::failed) slot.state = State::waiting;
    } else {
      slot_of_.push_back(slots_.size());
      slots_.emplace_back();
    }
  }
}

void Flight::launched(size_t i) {
  slots_[slot_of_[i]].state = State::flying;
  ++flying_;
}

void Flight::oversized(size_t i) {
  slots_[slot_of_[i]].state = State::too_large;
}

void Flight::delivered(size_t tag) {
  CHECK(tag < slots_.size() && flying_ > 0);
  --flying_;
  slots_[tag].state = State::delivered;
}

void Flight::refused(size_t tag, bool for_size) {
  CHECK(tag < slots_.size());
  Slot& slot = slots_[tag];
  if (slot.state == State::flying) --flying_;
  slot.state = for_size && slot.alone ? State::too_large : State::failed;
  slot.alone = for_size;
  troubled_ = true;
}

std::vector<Fate> Flight::end(const Batch& docs, size_t from) {
  std::vector<Fate> fates;
  fates.reserve(size());
  std::unordered_map<std::string_view, bool> open;  // keys with an open document; true: it will be sent again
  carried_.clear();
  for (size_t i = 0; i < size(); ++i) {
    Slot& slot = slots_[slot_of_[i]];
    const Meta& meta = docs[from + i].meta;
    const auto before = open.find(meta.key);
    if (slot.state == State::too_large) {
      fates.push_back(Fate::rejected);
      continue;
    }
    if (slot.state == State::delivered && before == open.end()) {
      fates.push_back(Fate::accepted);
      continue;
    }
    fates.push_back(Fate::retry);
    if (slot.state == State::delivered && before->second) slot.state = State::waiting;
    if (slot.state != State::delivered) open[meta.key] |= slot.state != State::flying;
    carried_.emplace(meta.id, slot_of_[i]);
  }
  return fates;
}

}  // namespace acta
