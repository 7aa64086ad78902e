#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "processors/audit/record.h"

namespace acta::audit {
namespace {

constexpr uint8_t kBad = 0xff;

constexpr std::array<uint8_t, 256> make_digits() {
  std::array<uint8_t, 256> digits{};
  digits.fill(kBad);
  for (uint8_t i = 0; i < 10; ++i) digits[static_cast<size_t>('0') + i] = i;
  for (uint8_t i = 0; i < 6; ++i) {
    digits[static_cast<size_t>('A') + i] = static_cast<uint8_t>(10 + i);
    digits[static_cast<size_t>('a') + i] = static_cast<uint8_t>(10 + i);
  }
  return digits;
}

constexpr std::array<uint8_t, 256> kDigits = make_digits();

}  // namespace

bool read_hex_bytes(std::string_view hex, char* to) {
  if (hex.size() % 2 != 0) return false;
  uint8_t seen = 0;
  for (size_t i = 0; i < hex.size(); i += 2) {
    const uint8_t high = kDigits[static_cast<uint8_t>(hex[i])];
    const uint8_t low = kDigits[static_cast<uint8_t>(hex[i + 1])];
    seen |= static_cast<uint8_t>(high | low);
    *to++ = static_cast<char>(static_cast<uint8_t>(high << 4) | (low & 0x0f));
  }
  return (seen & 0xf0) == 0;
}

void write_hex(std::string_view bytes, char* to) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    *to++ = kHex[byte >> 4];
    *to++ = kHex[byte & 15];
  }
}

bool append_hex(std::string_view hex, std::string& out) {
  const size_t before = out.size();
  out.resize(before + hex.size() / 2);
  if (read_hex_bytes(hex, out.data() + before)) return true;
  out.resize(before);
  return false;
}

bool is_hex(std::string_view text) {
  if (text.size() % 2 != 0) return false;
  uint8_t seen = 0;
  for (const char c : text) seen |= kDigits[static_cast<uint8_t>(c)];
  return (seen & 0xf0) == 0;
}

bool decode_hex(std::string_view hex, std::string& out) {
  if (!is_hex(hex)) return false;
  out.clear();
  return append_hex(hex, out);
}

}  // namespace acta::audit
