#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "event/byte_block.h"

namespace acta::audit {

/// Where a byte first occurs, 16 or 8 bytes at a time: most keys and values are shorter, so one step finds it.
namespace scan {

inline constexpr uint64_t kOnes = 0x0101010101010101u;
inline constexpr uint64_t kHighs = 0x8080808080808080u;

/// The lowest set bit marks the first byte of `word` that is zero (bits above it may be false).
constexpr uint64_t zero_bytes(uint64_t word) {
  return (word - kOnes) & ~word & kHighs;
}

template <char... kWanted>
constexpr bool is_any(char c) {
  return ((c == kWanted) || ...);
}

/// The first of the wanted bytes, or `end`.
template <char... kWanted>
inline const char* find(const char* from, const char* end) {
#if defined(__SSE2__)
  for (; end - from >= static_cast<ptrdiff_t>(kBlockSize); from += kBlockSize) {
    if (const unsigned hits = ByteBlock::load(from).equal_any<kWanted...>(); hits != 0) [[likely]]
      return from + std::countr_zero(hits);
  }
  const auto left = static_cast<size_t>(end - from);
  const unsigned hits = load_block(from, left).equal_any<kWanted...>() & ((1u << left) - 1);
  return hits != 0 ? from + std::countr_zero(hits) : end;
#else
  if constexpr (std::endian::native == std::endian::little) {
    while (end - from >= 8) {
      uint64_t word = 0;
      std::memcpy(&word, from, sizeof word);
      const uint64_t hits = (zero_bytes(word ^ (kOnes * static_cast<uint8_t>(kWanted))) | ...);
      if (hits != 0) return from + std::countr_zero(hits) / 8;
      from += 8;
    }
  }
  while (from != end && !is_any<kWanted...>(*from)) ++from;
  return from;
#endif
}

/// Where the text, of two bytes or more, first occurs; null when it does not.
inline const char* find_text(std::string_view in, std::string_view text) {
  size_t at = 0;
  for (; in.size() - at > kBlockSize + text.size(); at += kBlockSize) {
    const char* from = in.data() + at;
    unsigned hits = ByteBlock::load(from).equal(text[0]) & ByteBlock::load(from + 1).equal(text[1]);
    for (; hits != 0; hits &= hits - 1) {
      const char* found = from + std::countr_zero(hits);
      if (std::memcmp(found, text.data(), text.size()) == 0) return found;
    }
  }
  at = in.find(text, at);
  return at == std::string_view::npos ? nullptr : in.data() + at;
}

}  // namespace scan

}  // namespace acta::audit
