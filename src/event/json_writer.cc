#include "event/json_writer.h"

#include <emmintrin.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "event/utf8.h"

namespace acta {
namespace {

constexpr size_t kEscapeBytesMax = 6;  // \u00XX
constexpr size_t kStep = 16;

// A bit for each byte that cannot be copied as it is: below 0x20, quote, backslash, DEL, and everything above.
unsigned special_bytes(__m128i bytes) {
  const __m128i low_or_high = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));  // signed: 0x80 and above are negative
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F));
  return static_cast<unsigned>(
      _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(low_or_high, quote), _mm_or_si128(backslash, del))));
}

size_t put(char* to, std::string_view bytes) {
  std::memcpy(to, bytes.data(), bytes.size());
  return bytes.size();
}

size_t put_unicode_escape(char* to, unsigned code) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::memcpy(to, "\\u00", 4);
  to[4] = kHex[(code >> 4) & 15];
  to[5] = kHex[code & 15];
  return kEscapeBytesMax;
}

size_t put_escape(char* to, uint8_t byte) {
  switch (byte) {
    case '"': return put(to, "\\\"");
    case '\\': return put(to, "\\\\");
    case '\b': return put(to, "\\b");
    case '\f': return put(to, "\\f");
    case '\n': return put(to, "\\n");
    case '\r': return put(to, "\\r");
    case '\t': return put(to, "\\t");
    default: return put_unicode_escape(to, byte);
  }
}

}  // namespace

void JsonWriter::grow(size_t more) {
  const size_t capacity = std::max(capacity_ * 2, size_ + more + 4096);
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (size_ != 0) std::memcpy(larger.get(), buffer_.get(), size_);
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

size_t JsonWriter::special(std::string_view text) {
  const auto byte = static_cast<uint8_t>(text[0]);
  char* to = buffer_.get() + size_;
  if (byte < 0x80) {
    size_ += put_escape(to, byte);
    return 1;
  }
  const size_t length = utf8_sequence(text);
  if (length == 0) {
    size_ += put(to, "\xEF\xBF\xBD");
    return 1;
  }
  const auto second = static_cast<uint8_t>(text[1]);
  if (byte == 0xC2 && second < 0xA0) {
    size_ += put_unicode_escape(to, second);  // C1 controls: some terminals obey them
  } else {
    size_ += put(to, text.substr(0, length));
  }
  return length;
}

void JsonWriter::string(std::string_view text) {
  raw('"');
  size_t at = 0;
  while (at < text.size()) {
    const size_t step = std::min(kStep, text.size() - at);
    reserve(kStep * kEscapeBytesMax + kSlack);
    alignas(16) char bytes[kStep];
    if (step < kStep) {
      std::memset(bytes, ' ', kStep);
      std::memcpy(bytes, text.data() + at, step);
    } else {
      std::memcpy(bytes, text.data() + at, kStep);
    }
    const unsigned found = special_bytes(_mm_load_si128(reinterpret_cast<const __m128i*>(bytes)));
    std::memcpy(buffer_.get() + size_, bytes, kStep);
    const size_t plain = found == 0 ? step : static_cast<size_t>(std::countr_zero(found));
    size_ += plain;
    at += plain;
    if (found != 0) at += special(text.substr(at));
  }
  raw('"');
}

void JsonWriter::integer(int64_t v) {
  constexpr size_t kDigitsMax = 20;
  reserve(kDigitsMax);
  char* to = buffer_.get() + size_;
  size_ += static_cast<size_t>(std::to_chars(to, to + kDigitsMax, v).ptr - to);
}

void JsonWriter::floating(double v) {
  if (!std::isfinite(v)) return raw("null");
  constexpr size_t kCharactersMax = 32;
  reserve(kCharactersMax);
  char* to = buffer_.get() + size_;
  size_ += static_cast<size_t>(std::to_chars(to, to + kCharactersMax, v).ptr - to);
}

void JsonWriter::time(Nanos v) {
  v = std::max<Nanos>(v, 0);
  const int64_t second = v / kSecond;
  const int64_t nanos = v % kSecond;
  if (second != second_) {
    const time_t t = second;
    tm utc{};
    gmtime_r(&t, &utc);
    fmt::format_to_n(second_text_, sizeof second_text_, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
    second_ = second;
  }
  raw('"');
  raw(std::string_view(second_text_, sizeof second_text_));
  const bool fine = nanos % kMillisecond != 0;
  const int digits = fine ? 9 : 3;
  reserve(12);
  int64_t rest = fine ? nanos : nanos / kMillisecond;
  for (int i = digits - 1; i >= 0; --i, rest /= 10) buffer_[size_ + static_cast<size_t>(i)] = static_cast<char>('0' + rest % 10);
  size_ += static_cast<size_t>(digits);
  raw("Z\"");
}

}  // namespace acta
