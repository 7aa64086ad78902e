#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "processors/audit/key_table.h"

namespace acta::audit {

/// Hashes of the records of wide events beyond their first ones, open or closed: the latest kMax. To go through the
/// records of an event for each of its records takes quadratic time. Takes memory only when there are such.
class WideRecords {
 public:
  static constexpr size_t kMax = 8192;

  [[nodiscard]] bool has(uint64_t hash) const { return !ring_.empty() && table_.find(hash) != KeyTable::kNone; }

  void add(uint64_t hash) {
    if (ring_.empty()) {
      ring_.resize(kMax, 0);
      table_ = KeyTable(kMax);
    }
    uint64_t& oldest = ring_[next_++ % kMax];
    if (next_ > kMax) table_.erase(oldest);
    oldest = hash;
    table_.put(hash, 0);
  }

 private:
  std::vector<uint64_t> ring_;
  KeyTable table_{0};
  size_t next_ = 0;
};

}  // namespace acta::audit
