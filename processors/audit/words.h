#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace acta::audit {

/// The first and last eight bytes of a text; all of it when it has at most kWordsMax. Two texts of one size not above
/// that with equal words are equal.
struct Words {
  uint64_t first = 0;
  uint64_t last = 0;
  bool operator==(const Words&) const = default;
};
inline constexpr size_t kWordsMax = 16;

inline Words words_of(std::string_view text) {
  const auto load = [](const char* at, auto word) {
    std::memcpy(&word, at, sizeof word);
    return static_cast<uint64_t>(word);
  };
  const char* at = text.data();
  const size_t size = text.size();
  if (size >= 8) return {load(at, uint64_t{}), load(at + size - 8, uint64_t{})};
  if (size >= 4) return {load(at, uint32_t{}), load(at + size - 4, uint32_t{})};
  if (size == 0) return {};
  const auto byte = [at](size_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(at[i])); };
  return {byte(0) | (byte(size / 2) << 8) | (byte(size - 1) << 16), 0};
}

/// a == b without a call for a short text.
inline bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.size() <= kWordsMax ? words_of(a) == words_of(b) : a == b);
}

}  // namespace acta::audit
