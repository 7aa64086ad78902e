#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace acta {

/// Writes two lower-case digits for each byte to `to` (room for 2 * bytes.size()).
inline std::string_view write_hex(std::string_view bytes, char* to) {
  constexpr char kDigits[] = "0123456789abcdef";
  char* at = to;
  for (const char c : bytes) {
    *at++ = kDigits[static_cast<uint8_t>(c) >> 4];
    *at++ = kDigits[static_cast<uint8_t>(c) & 15];
  }
  return {to, static_cast<size_t>(at - to)};
}

/// Writes the number as 16 lower-case digits to `to`.
inline std::string_view write_hex(uint64_t number, char* to) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (unsigned i = 0; i < 16; ++i) to[i] = kDigits[(number >> (60 - 4 * i)) & 15];
  return {to, 16};
}

/// Two lower-case digits for each byte.
inline std::string to_hex(std::string_view bytes) {
  std::string hex(bytes.size() * 2, '\0');
  write_hex(bytes, hex.data());
  return hex;
}

/// Replaces `bytes` by what lower-case hex says; false when it is not such.
inline bool from_hex(std::string_view hex, std::string& bytes) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  if (hex.size() % 2 != 0) return false;
  bytes.clear();
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return false;
    bytes += static_cast<char>(high << 4 | low);
  }
  return true;
}

}  // namespace acta
