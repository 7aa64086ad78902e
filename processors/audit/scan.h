#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

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

}  // namespace scan

}  // namespace acta::audit
