#include "event/json_writer.h"

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <ctime>

#include "event/utf8.h"

namespace acta {
namespace {

constexpr size_t kEscapeBytesMax = 6;  // \u00XX
constexpr size_t kStep = 16;
constexpr size_t kSliceBytes = 4096;
constexpr size_t kPageBytes = 4096;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kReadsPastTheEnd = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool kReadsPastTheEnd = false;
#else
constexpr bool kReadsPastTheEnd = true;
#endif
#else
constexpr bool kReadsPastTheEnd = true;
#endif

// The first `size` (at most 16) of the bytes; what lies behind them is anything. A load that stays within the page
// cannot fault.
__m128i load(const char* bytes, size_t size) {
  const bool within_page = (reinterpret_cast<uintptr_t>(bytes) & (kPageBytes - 1)) <= kPageBytes - kStep;
  if (size == kStep || (kReadsPastTheEnd && within_page && size != 0))
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  alignas(16) char copied[kStep] = {};
  if (size != 0) std::memcpy(copied, bytes, size);  // the bytes of an empty text may be nowhere
  return _mm_load_si128(reinterpret_cast<const __m128i*>(copied));
}

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
    case '"':
      return put(to, "\\\"");
    case '\\':
      return put(to, "\\\\");
    case '\b':
      return put(to, "\\b");
    case '\f':
      return put(to, "\\f");
    case '\n':
      return put(to, "\\n");
    case '\r':
      return put(to, "\\r");
    case '\t':
      return put(to, "\\t");
    default:
      return put_unicode_escape(to, byte);
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
  if (text.size() <= kStep && short_string(text)) return;
  raw('"');
  do {
    const std::string_view slice = text.substr(0, kSliceBytes);
    text.remove_prefix(slice.size() + escaped(slice, text));
  } while (!text.empty());
  raw('"');
}

// Most strings are short and plain: one load, one store.
bool JsonWriter::short_string(std::string_view text) {
  reserve(kStep + kSlack);
  const __m128i bytes = load(text.data(), text.size());
  if ((special_bytes(bytes) & ((1u << text.size()) - 1)) != 0) return false;
  char* to = buffer_.get() + size_;
  *to = '"';
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 1), bytes);
  to[text.size() + 1] = '"';
  size_ += text.size() + 2;
  return true;
}

// Writes `slice`, the start of `text`. Returns how many bytes past the slice were used: a UTF-8 sequence may lie across
// its end.
size_t JsonWriter::escaped(std::string_view slice, std::string_view text) {
  reserve(slice.size() * kEscapeBytesMax + kStep);
  size_t at = 0;
  while (at < slice.size()) {
    const size_t step = std::min(kStep, slice.size() - at);
    const __m128i bytes = load(slice.data() + at, step);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(buffer_.get() + size_), bytes);
    const unsigned found = special_bytes(bytes) & ((1u << step) - 1);
    const size_t plain = found == 0 ? step : static_cast<size_t>(std::countr_zero(found));
    size_ += plain;
    at += plain;
    if (found != 0) at += special(text.substr(at));
  }
  return at - slice.size();
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

// "2026-11-23T02:37:12." of a second since 1970.
void JsonWriter::format_second(int64_t second, Second& to) {
  const time_t t = second;
  tm utc{};
  gmtime_r(&t, &utc);
  const auto digits = [](char* at, int value, int count) {
    for (int i = count - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
  };
  std::memcpy(to.text, "0000-00-00T00:00:00.", sizeof to.text);
  digits(to.text, utc.tm_year + 1900, 4);
  digits(to.text + 5, utc.tm_mon + 1, 2);
  digits(to.text + 8, utc.tm_mday, 2);
  digits(to.text + 11, utc.tm_hour, 2);
  digits(to.text + 14, utc.tm_min, 2);
  digits(to.text + 17, utc.tm_sec, 2);
  to.second = second;
}

void JsonWriter::time(Nanos v) {
  v = std::max<Nanos>(v, 0);
  Second& second = seconds_[static_cast<size_t>(v / kSecond) % seconds_.size()];
  if (second.second != v / kSecond) format_second(v / kSecond, second);
  reserve(sizeof second.text + kSlack);
  char* to = buffer_.get() + size_;
  *to++ = '"';
  std::memcpy(to, second.text, sizeof second.text);
  to += sizeof second.text;
  const bool fine = v % kMillisecond != 0;
  const int digits = fine ? 9 : 3;
  int64_t rest = fine ? v % kSecond : v % kSecond / kMillisecond;
  for (int i = digits - 1; i >= 0; --i, rest /= 10) to[i] = static_cast<char>('0' + rest % 10);
  to += digits;
  *to++ = 'Z';
  *to++ = '"';
  size_ = static_cast<size_t>(to - buffer_.get());
}

}  // namespace acta
