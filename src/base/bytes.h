#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace acta {

/// Appends an unsigned number as little-endian bytes.
template <std::unsigned_integral T>
void put_le(std::string& out, T v) {
  char bytes[sizeof v];
  for (size_t i = 0; i < sizeof v; ++i) bytes[i] = static_cast<char>(static_cast<uint8_t>(v >> (8 * i)));
  out.append(bytes, sizeof v);
}

/// Reads a little-endian unsigned number at `at`; the caller knows that it lies within.
template <std::unsigned_integral T>
T get_le(std::string_view bytes, size_t at) {
  T v = 0;
  for (size_t i = 0; i < sizeof v; ++i)
    v = static_cast<T>(v | static_cast<T>(static_cast<T>(static_cast<uint8_t>(bytes[at + i])) << (8 * i)));
  return v;
}

}  // namespace acta
