#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>

#include "processors/audit/field_key.h"

namespace acta::audit {

/// A set of known keys.
class KeySet {
 public:
  constexpr KeySet() = default;
  constexpr KeySet(std::initializer_list<Key> keys) {
    for (const Key key : keys) add(key);
  }
  void clear() { words_ = {}; }
  /// False when the key was there already.
  constexpr bool add(Key key) {
    uint64_t& word = words_[index(key) / 64];
    const uint64_t bit = uint64_t{1} << (index(key) % 64);
    const bool is_new = (word & bit) == 0;
    word |= bit;
    return is_new;
  }
  /// All of `keys`; false, and none added, when one of them was there already.
  bool add(const KeySet& keys) {
    uint64_t both = 0;
    for (size_t i = 0; i < words_.size(); ++i) both |= words_[i] & keys.words_[i];
    if (both != 0) return false;
    for (size_t i = 0; i < words_.size(); ++i) words_[i] |= keys.words_[i];
    return true;
  }
  [[nodiscard]] bool has_all(const KeySet& others) const {
    uint64_t missing = 0;
    for (size_t i = 0; i < words_.size(); ++i) missing |= others.words_[i] & ~words_[i];
    return missing == 0;
  }
  [[nodiscard]] bool has(Key key) const { return (words_[index(key) / 64] >> (index(key) % 64) & 1) != 0; }

 private:
  std::array<uint64_t, kKeyCount / 64 + 1> words_{};
};

}  // namespace acta::audit
