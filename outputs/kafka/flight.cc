#include "outputs/kafka/flight.h"

#include <algorithm>
#include <unordered_map>

#include "base/check.h"

namespace acta {

void Flight::begin(Docs docs) {
  if (carried_.empty() && flying_ == 0) slots_.clear();
  slot_of_.clear();
  troubled_ = false;
  auto next = carried_.begin();
  for (const Doc& doc : docs) {
    const auto found =
        std::find_if(next, carried_.end(), [id = doc.meta.id](const auto& each) { return each.first == id; });
    if (found == carried_.end()) {
      slot_of_.push_back(slots_.size());
      slots_.emplace_back();
      continue;
    }
    next = found + 1;
    slot_of_.push_back(found->second);
    Slot& slot = slots_[found->second];
    if (slot.state == State::failed) slot.state = State::waiting;
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

void Flight::crashed() {
  for (Slot& slot : slots_) {
    if (slot.state == State::flying) slot.state = State::failed;
  }
  flying_ = 0;
}

std::vector<Fate> Flight::end(Docs docs, const std::vector<uint64_t>& keys) {
  std::vector<Fate> fates;
  fates.reserve(size());
  std::unordered_map<uint64_t, bool> open;  // keys with an open document; true: it will be sent again
  carried_.clear();
  for (size_t i = 0; i < size(); ++i) {
    Slot& slot = slots_[slot_of_[i]];
    if (slot.state == State::too_large) {
      fates.push_back(Fate::rejected);
      continue;
    }
    const auto before = open.find(keys[i]);
    if (slot.state == State::delivered && before == open.end()) {
      fates.push_back(Fate::accepted);
      continue;
    }
    fates.push_back(Fate::retry);
    if (slot.state == State::delivered && before->second) slot.state = State::waiting;
    if (slot.state != State::delivered) open[keys[i]] |= slot.state != State::flying;
    carried_.emplace_back(docs[i].meta.id, slot_of_[i]);
  }
  return fates;
}

}  // namespace acta
