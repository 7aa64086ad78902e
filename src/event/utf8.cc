#include "event/utf8.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace acta {
namespace {

uint8_t byte_at(std::string_view bytes, size_t i) {
  return static_cast<uint8_t>(bytes[i]);
}
bool continues(std::string_view bytes, size_t i) {
  return i < bytes.size() && (byte_at(bytes, i) & 0xC0) == 0x80;
}

size_t three_bytes(std::string_view bytes, uint8_t lead) {
  if (!continues(bytes, 1) || !continues(bytes, 2)) return 0;
  const uint8_t second = byte_at(bytes, 1);
  if (lead == 0xE0 && second < 0xA0) return 0;   // overlong
  if (lead == 0xED && second >= 0xA0) return 0;  // surrogates
  return 3;
}

size_t four_bytes(std::string_view bytes, uint8_t lead) {
  if (!continues(bytes, 1) || !continues(bytes, 2) || !continues(bytes, 3)) return 0;
  const uint8_t second = byte_at(bytes, 1);
  if (lead == 0xF0 && second < 0x90) return 0;   // overlong
  if (lead == 0xF4 && second >= 0x90) return 0;  // above U+10FFFF
  return 4;
}

// Most text is. The last words are looked at together with some before them again.
bool is_ascii(std::string_view bytes) {
  using Words = std::array<uint64_t, 4>;
  const auto high_bits = [](const char* from) {
    Words words;
    std::memcpy(words.data(), from, sizeof words);
    return (words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u;
  };
  if (bytes.size() < sizeof(Words)) return false;  // not known
  const char* last = bytes.data() + bytes.size() - sizeof(Words);
  for (const char* at = bytes.data(); at < last; at += sizeof(Words)) {
    if (high_bits(at) != 0) return false;
  }
  return high_bits(last) == 0;
}

}  // namespace

size_t utf8_sequence(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const uint8_t lead = byte_at(bytes, 0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(bytes, 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) return three_bytes(bytes, lead);
  if (lead >= 0xF0 && lead <= 0xF4) return four_bytes(bytes, lead);
  return 0;
}

bool is_utf8(std::string_view bytes) {
  if (is_ascii(bytes)) return true;
  while (!bytes.empty()) {
    uint64_t eight;
    if (bytes.size() >= sizeof eight) {
      std::memcpy(&eight, bytes.data(), sizeof eight);
      if ((eight & 0x8080808080808080u) == 0) {
        bytes.remove_prefix(sizeof eight);
        continue;
      }
    }
    const size_t length = utf8_sequence(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace acta
