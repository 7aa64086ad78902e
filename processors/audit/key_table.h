#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"

namespace acta::audit {

/// A hash table from 64-bit hashes to 64-bit values: open addressing, linear probing, deletion by shifting back. Sized
/// once; never full. Equal hashes are equal keys to it.
class KeyTable {
 public:
  static constexpr uint64_t kNone = UINT64_MAX;

  explicit KeyTable(size_t entries_max)
      : slots_(std::bit_ceil(std::max<size_t>(entries_max, 4) * 2)), mask_(slots_.size() - 1) {}

  [[nodiscard]] uint64_t find(uint64_t hash) const { return slots_[slot_of(hash)].value; }

  /// Says that the hash will be asked for soon: most of the table lies far from the processor.
  void expect(uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask_], 1); }

  /// Adds, or replaces the value of the hash.
  void put(uint64_t hash, uint64_t value) {
    Slot& slot = slots_[slot_of(hash)];
    if (slot.value == kNone) CHECK(++size_ < slots_.size());
    slot = {hash, value};
  }

  void erase(uint64_t hash) {
    size_t hole = slot_of(hash);
    if (slots_[hole].value == kNone) return;
    --size_;
    for (size_t i = (hole + 1) & mask_; slots_[i].value != kNone; i = (i + 1) & mask_) {
      const size_t home = slots_[i].hash & mask_;
      if (((i - home) & mask_) < ((i - hole) & mask_)) continue;  // its home lies behind the hole
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole].value = kNone;
  }

  [[nodiscard]] size_t size() const { return size_; }

 private:
  struct Slot {
    uint64_t hash = 0;
    uint64_t value = kNone;
  };

  // Where the hash is, or would be.
  [[nodiscard]] size_t slot_of(uint64_t hash) const {
    size_t slot = hash & mask_;
    while (slots_[slot].value != kNone && slots_[slot].hash != hash) slot = (slot + 1) & mask_;
    return slot;
  }

  std::vector<Slot> slots_;
  size_t mask_;
  size_t size_ = 0;
};

}  // namespace acta::audit
