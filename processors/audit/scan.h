#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace acta::audit {

/// Where a byte first occurs, 16 or 8 bytes at a time: most keys and values are shorter, so one step finds it. Never
/// reads outside [from, end).
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
  while (end - from >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const int hits = (_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(kWanted))) | ...);
    if (hits != 0) return from + std::countr_zero(static_cast<unsigned>(hits));
    from += 16;
  }
#endif
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
}

}  // namespace scan

}  // namespace acta::audit
