#include "event/json_writer.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <ctime>

#include "base/check.h"
#include "event/utf8.h"

namespace acta {
namespace {

constexpr size_t kEscapeBytesMax = 6;  // \u00XX
constexpr size_t kSliceBytes = 4096;
constexpr size_t kFirstBytes = 4096;

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

// Writes the escape or the sequence that `text` begins with; returns how many bytes of it were used.
size_t put_special(char*& to, std::string_view text) {
  const auto byte = static_cast<uint8_t>(text[0]);
  if (byte < 0x80) {
    to += put_escape(to, byte);
    return 1;
  }
  const size_t length = utf8_sequence(text);
  if (length == 0) {
    to += put(to, "\xEF\xBF\xBD");
    return 1;
  }
  const auto second = static_cast<uint8_t>(text[1]);
  if (byte == 0xC2 && second < 0xA0) {
    to += put_unicode_escape(to, second);  // C1 controls: some terminals obey them
  } else {
    to += put(to, text.substr(0, length));
  }
  return length;
}

// Writes `slice`, the start of `text`. Returns how many bytes past the slice were used: a UTF-8 sequence may lie across
// its end. Room is there.
size_t put_escaped(char*& to, std::string_view slice, std::string_view text) {
  size_t at = 0;
  while (at < slice.size()) {
    const size_t step = std::min(kBlockSize, slice.size() - at);
    const ByteBlock bytes = load_block(slice.data() + at, step);
    bytes.store(to);
    const unsigned found = bytes.special() & ((1u << step) - 1);
    const size_t plain = found == 0 ? step : static_cast<size_t>(std::countr_zero(found));
    to += plain;
    at += plain;
    if (found != 0) at += put_special(to, text.substr(at));
  }
  return at - slice.size();
}

constexpr size_t kPlainBytes = JsonWriter::kValueRoom - 2;

// The string, of a block or more, when nothing is to be escaped in it; null when something is, and what is at `at` is
// anything. The last block is taken together with bytes before it. Room for kPlainBytes is there.
char* put_plain(char* at, std::string_view text, bool plain) {
  *at++ = '"';
  const size_t last = text.size() - kBlockSize;
  ByteBlock bytes = ByteBlock::load(text.data() + last);
  bytes.store(at + last);
  unsigned special = bytes.special();
  for (size_t done = 0; done < last; done += kBlockSize) {
    bytes = ByteBlock::load(text.data() + done);
    bytes.store(at + done);
    special |= bytes.special();
  }
  if (special != 0 && !plain) return nullptr;
  at[text.size()] = '"';
  return at + text.size() + 1;
}

}  // namespace

char* JsonWriter::grow(char* at, size_t more) {
  const size_t size = at == nullptr ? 0 : static_cast<size_t>(at - buffer_.get());
  const size_t capacity = std::max(2 * static_cast<size_t>(end_ - buffer_.get()), size + more + kFirstBytes);
  // realloc moves the pages of a large buffer: a copy would hold both in memory.
  auto* larger = static_cast<char*>(std::realloc(buffer_.get(), capacity));
  CHECK(larger != nullptr);
  static_cast<void>(buffer_.release());
  buffer_.reset(larger);
  end_ = buffer_.get() + capacity;
  return buffer_.get() + size;
}

char* JsonWriter::long_string(char* at, std::string_view text, bool plain) {
  if (text.size() <= kPlainBytes && text.size() >= kBlockSize) {
    if (char* end = put_plain(at, text, plain)) return room(end);
  }
  return any_string(at, text, plain);
}

char* JsonWriter::any_string(char* at, std::string_view text, bool plain) {
  *at++ = '"';
  if (plain && !text.empty()) {
    at = raw(at, text);
  } else {
    do {
      const std::string_view slice = text.substr(0, kSliceBytes);
      at = room(at, slice.size() * kEscapeBytesMax + kRoom);
      text.remove_prefix(slice.size() + put_escaped(at, slice, text));
    } while (!text.empty());
  }
  *at++ = '"';
  return room(at);
}

char* JsonWriter::integer(char* at, int64_t v) {
  return room(std::to_chars(at, at + kValueRoom, v).ptr, kRoom);
}

char* JsonWriter::floating(char* at, double v) {
  if (!std::isfinite(v)) return raw(at, "null");
  return room(std::to_chars(at, at + kValueRoom, v).ptr, kRoom);
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

char* JsonWriter::time(char* to, Nanos v) {
  v = std::max<Nanos>(v, 0);
  Second& second = seconds_[static_cast<size_t>(v / kSecond) % seconds_.size()];
  if (second.second != v / kSecond) format_second(v / kSecond, second);
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
  return room(to, kRoom);
}

}  // namespace acta
