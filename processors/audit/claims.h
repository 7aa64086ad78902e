#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "processors/audit/key_set.h"

namespace acta::audit {

/// Counts the keys of a space of names (a document's auditd.data, one record, one list item), so that no two fields get
/// one path. One bit for a known key, a hash table for the others; amortized constant time, whatever the keys. Reused
/// without an allocation. One thread.
class Claims {
 public:
  /// Forgets everything.
  void clear();
  /// Begins a new space; the names of those before are no longer looked at.
  void next_space();

  /// Claims a name in the current space; returns how often it had been claimed there before. Names must live until
  /// clear().
  uint32_t claim(Key key, std::string_view name) {
    if (key == Key::other) return claim_other(name);
    if (!known_.add(key)) [[unlikely]]
      return claim_other(name) + 1;
    return 0;
  }
  /// Claims all of them; false, and none claimed, when one had been claimed before.
  bool claim(const KeySet& keys) { return known_.add(keys); }

 private:
  struct Slot {
    uint64_t space = 0;  ///< 0: free
    std::string_view name{};
    uint32_t count = 0;
  };
  uint32_t claim_other(std::string_view name);
  void grow();

  KeySet known_;
  std::vector<Slot> slots_;
  size_t used_ = 0;
  uint64_t space_ = 1;
  uint64_t first_space_ = 1;  ///< slots of older spaces are free
};

}  // namespace acta::audit
