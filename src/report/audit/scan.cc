#include "report/audit/scan.h"

#include <algorithm>
#include <cctype>

namespace acta::report::audit {
namespace {

bool is_hex_digit(char byte) {
  return std::isxdigit(static_cast<unsigned char>(byte)) != 0;
}

unsigned hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  return static_cast<unsigned>((digit | 0x20) - 'a' + 10);
}

}  // namespace

uint64_t to_number(std::string_view text, int base) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  const bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  if (base == 16 && (text.starts_with("0x") || text.starts_with("0X"))) text.remove_prefix(2);
  uint64_t number = 0;
  for (const char digit : text) {
    if (!is_hex_digit(digit) || hex_value(digit) >= static_cast<unsigned>(base)) break;
    number = number * static_cast<unsigned>(base) + hex_value(digit);
  }
  return minus ? 0 - number : number;
}

uint32_t to_id(std::string_view text) {
  return static_cast<uint32_t>(to_number(text, 10));
}

std::optional<std::string> unescape(std::string_view text) {
  if (text.starts_with('(')) {
    const size_t end = text.find(')');
    if (end == std::string_view::npos) return std::nullopt;
    return std::string(text.substr(0, end + 1));
  }
  const auto end = std::ranges::find_if_not(text, is_hex_digit);
  const std::string_view digits = text.substr(0, static_cast<size_t>(end - text.begin()));
  if (digits.size() < 2) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < digits.size(); i += 2) {
    const unsigned low = i + 1 < digits.size() ? hex_value(digits[i + 1]) : 0;
    const char byte = static_cast<char>(hex_value(digits[i]) << 4 | low);
    if (byte == '\0') break;
    bytes.push_back(byte);
  }
  return bytes;
}

}  // namespace acta::report::audit
