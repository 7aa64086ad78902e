#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace acta {

/// Sixteen bytes at a time, for JsonWriter and for who looks for a byte. Two forms of the same: any machine's, and that
/// of SSE2.
inline constexpr size_t kBlockSize = 16;

/// True for a byte that cannot stand in a JSON string of ours as it is: below 0x20, quote, backslash, DEL, and
/// everything above.
constexpr bool is_special(uint8_t byte) {
  return byte < 0x20 || byte == '"' || byte == '\\' || byte >= 0x7F;
}

class PortableBlock {
 public:
  /// Blocks looked at together.
  class Sum {
   public:
    void add(const PortableBlock& block) { special_ = special_ || block.special_but_quotes() != 0; }
    /// Whether one of them has a special byte that is no quote.
    [[nodiscard]] bool special_but_quotes() const { return special_; }

   private:
    bool special_ = false;
  };

  static PortableBlock load(const char* from) {
    PortableBlock block;
    std::memcpy(block.bytes_.data(), from, kBlockSize);
    return block;
  }
  void store(char* to) const { std::memcpy(to, bytes_.data(), kBlockSize); }
  /// Bit i is set when byte i is special.
  [[nodiscard]] unsigned special() const {
    unsigned found = 0;
    for (size_t i = 0; i < kBlockSize; ++i) found |= unsigned{is_special(bytes_[i])} << i;
    return found;
  }
  /// The same, but for quotes.
  [[nodiscard]] unsigned special_but_quotes() const { return special() & ~equal('"'); }
  /// Bit i is set when byte i is `byte`.
  [[nodiscard]] unsigned equal(char byte) const {
    unsigned found = 0;
    for (size_t i = 0; i < kBlockSize; ++i) found |= unsigned{bytes_[i] == static_cast<uint8_t>(byte)} << i;
    return found;
  }
  /// Bit i is set when byte i is one of those.
  template <char... kBytes>
  [[nodiscard]] unsigned equal_any() const {
    return (equal(kBytes) | ...);
  }
  /// The block with `to` for each `from`.
  [[nodiscard]] PortableBlock replaced(char from, char to) const {
    PortableBlock block = *this;
    std::replace(block.bytes_.begin(), block.bytes_.end(), static_cast<uint8_t>(from), static_cast<uint8_t>(to));
    return block;
  }

 private:
  std::array<uint8_t, kBlockSize> bytes_;
};

#if defined(__SSE2__)
class Sse2Block {
 public:
  class Sum {
   public:
    void add(const Sse2Block& block) {
      highest_ = _mm_max_epu8(highest_, block.above_space());
      backslashes_ = _mm_or_si128(backslashes_, block.is('\\'));
    }
    [[nodiscard]] bool special_but_quotes() const {
      return _mm_movemask_epi8(_mm_or_si128(is_low_or_high(highest_), backslashes_)) != 0;
    }

   private:
    __m128i highest_ = _mm_setzero_si128();
    __m128i backslashes_ = _mm_setzero_si128();
  };

  static Sse2Block load(const char* from) { return Sse2Block(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))); }
  void store(char* to) const { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes_); }
  [[nodiscard]] unsigned special() const {
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(is('"'), others())));
  }
  [[nodiscard]] unsigned special_but_quotes() const { return static_cast<unsigned>(_mm_movemask_epi8(others())); }
  [[nodiscard]] unsigned equal(char byte) const { return equal_any_of(byte); }
  template <char... kBytes>
  [[nodiscard]] unsigned equal_any() const {
    return equal_any_of(kBytes...);
  }
  [[nodiscard]] Sse2Block replaced(char from, char to) const {
    const __m128i found = is(from);
    return Sse2Block(_mm_or_si128(_mm_andnot_si128(found, bytes_), _mm_and_si128(found, _mm_set1_epi8(to))));
  }

 private:
  explicit Sse2Block(__m128i bytes) : bytes_(bytes) {}
  template <class... Bytes>
  [[nodiscard]] unsigned equal_any_of(Bytes... bytes) const {
    return static_cast<unsigned>(_mm_movemask_epi8((is(bytes) | ...)));
  }
  // What is below a space wraps around, and is above all that is printable.
  [[nodiscard]] __m128i above_space() const { return _mm_sub_epi8(bytes_, _mm_set1_epi8(' ')); }
  static __m128i is_low_or_high(__m128i above_space) {
    return _mm_cmpeq_epi8(_mm_max_epu8(above_space, _mm_set1_epi8(0x7F - ' ')), above_space);
  }
  [[nodiscard]] __m128i is(char byte) const { return _mm_cmpeq_epi8(bytes_, _mm_set1_epi8(byte)); }
  [[nodiscard]] __m128i others() const { return _mm_or_si128(is_low_or_high(above_space()), is('\\')); }
  __m128i bytes_;
};
using ByteBlock = Sse2Block;
#else
using ByteBlock = PortableBlock;
#endif

// Whether a block may be read past the end of a text, where that stays within the page and so cannot fault. Sanitizers
// would (rightly) speak of it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kReadsPastTheEnd = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
inline constexpr bool kReadsPastTheEnd = false;
#else
inline constexpr bool kReadsPastTheEnd = true;
#endif
#else
inline constexpr bool kReadsPastTheEnd = true;
#endif

/// Whether a block can be read where at least one byte can.
inline bool is_block_readable(const char* bytes) {
  constexpr uintptr_t kPageBytes = 4096;
  return kReadsPastTheEnd && (reinterpret_cast<uintptr_t>(bytes) & (kPageBytes - 1)) <= kPageBytes - kBlockSize;
}

/// The first `size` (at most 16) of the bytes; what lies behind them is anything.
template <class Block = ByteBlock>
inline Block load_block(const char* bytes, size_t size) {
  if (size != 0 && is_block_readable(bytes)) [[likely]]
    return Block::load(bytes);
  char copied[kBlockSize] = {};
  if (size != 0) std::memcpy(copied, bytes, size);  // the bytes of an empty text may be nowhere
  return Block::load(copied);
}

/// Whether no byte is special but quotes.
inline bool is_plain_but_quotes(std::string_view text) {
  if (text.size() < kBlockSize) {
    const unsigned found = load_block(text.data(), text.size()).special_but_quotes();
    return (found & ((1u << text.size()) - 1)) == 0;
  }
  // The last bytes are looked at together with some before them again.
  const char* last = text.data() + text.size() - kBlockSize;
  ByteBlock::Sum all;
  all.add(ByteBlock::load(last));
  for (const char* at = text.data(); at < last; at += kBlockSize) all.add(ByteBlock::load(at));
  return !all.special_but_quotes();
}

}  // namespace acta
