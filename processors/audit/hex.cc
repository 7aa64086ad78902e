#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
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
constexpr size_t kWordDigits = 8;

// Eight digits at once, each in its byte of a word. All were digits when the values are below 16 and are
// written as what was read.
bool read_word(const char* digits, char* to) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  uint64_t text;
  std::memcpy(&text, digits, sizeof text);
  const uint64_t letters = (text >> 6) & kOnes;
  const uint64_t values = (text & (kOnes * 0x0f)) + letters * 9;
  const uint64_t written = values + kOnes * '0' + (((values + kOnes * 6) >> 4) & kOnes) * ('A' - '0' - 10);
  if (written != (text & ~(letters << 5)) || (values & (kOnes * 0xf0)) != 0) return false;
  uint64_t bytes = ((values << 4) | (values >> 8)) & 0x00ff00ff00ff00ff;
  bytes = (bytes | (bytes >> 8)) & 0x0000ffff0000ffff;
  bytes |= bytes >> 16;
  std::memcpy(to, &bytes, kWordDigits / 2);
  return true;
}

}  // namespace

bool read_hex_bytes(std::string_view hex, char* to) {
  if (hex.size() % 2 != 0) return false;
  uint8_t seen = 0;
  size_t i = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (; hex.size() - i >= kWordDigits; i += kWordDigits, to += kWordDigits / 2) {
      if (!read_word(hex.data() + i, to)) return false;
    }
  }
  for (; i < hex.size(); i += 2) {
    const uint8_t high = kDigits[static_cast<uint8_t>(hex[i])];
    const uint8_t low = kDigits[static_cast<uint8_t>(hex[i + 1])];
    seen |= static_cast<uint8_t>(high | low);
    *to++ = static_cast<char>(static_cast<uint8_t>(high << 4) | (low & 0x0f));
  }
  return (seen & 0xf0) == 0;
}

std::optional<uint64_t> read_hex(std::string_view text) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  if (text.empty() || text.size() > 2 * sizeof(uint64_t)) return std::nullopt;
  uint64_t number = 0;
  uint8_t seen = 0;
  for (const char c : text) {
    const uint8_t digit = kDigits[static_cast<uint8_t>(c)];
    seen |= digit;
    number = number << 4 | (digit & 0x0f);
  }
  return (seen & 0xf0) == 0 ? std::optional(number) : std::nullopt;
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
