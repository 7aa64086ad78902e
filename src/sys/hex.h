#pragma once
#include <cstdint>
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

}  // namespace acta
