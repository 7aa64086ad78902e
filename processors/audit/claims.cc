#include "processors/audit/claims.h"

#include <xxhash.h>

namespace acta::audit {
namespace {

constexpr size_t kSlotsMin = 256;

size_t hash_of(std::string_view name, uint64_t space) {
  return static_cast<size_t>(XXH3_64bits_withSeed(name.data(), name.size(), space));
}

}  // namespace

void Claims::clear() {
  next_space();
  first_space_ = space_;
  used_ = 0;
}

void Claims::next_space() {
  known_.clear();
  ++space_;
}

uint32_t Claims::claim_other(std::string_view name) {
  if (2 * (used_ + 1) > slots_.size()) grow();
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash_of(name, space_) & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.space < first_space_) {
      slot = {.space = space_, .name = name, .count = 1};
      ++used_;
      return 0;
    }
    if (slot.space == space_ && slot.name == name) return slot.count++;
  }
}

void Claims::grow() {
  std::vector<Slot> old(slots_.empty() ? kSlotsMin : 2 * slots_.size());
  old.swap(slots_);
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.space < first_space_) continue;
    size_t at = hash_of(slot.name, slot.space) & mask;
    while (slots_[at].space >= first_space_) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

}  // namespace acta::audit
