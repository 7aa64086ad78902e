#include "report/html/text.h"

#include "event/utf8.h"

namespace acta::report::html {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// U+202A to U+202E and U+2066 to U+2069 (UAX #9), U+2028 and U+2029.
bool turns_text_around(std::string_view sequence) {
  if (sequence.size() != 3 || sequence[0] != '\xe2') return false;
  const auto middle = static_cast<unsigned char>(sequence[1]);
  const auto last = static_cast<unsigned char>(sequence[2]);
  return (middle == 0x80 && last >= 0xa8 && last <= 0xae) || (middle == 0x81 && last >= 0xa6 && last <= 0xa9);
}

// C1 controls, and what XML does not allow: U+FFFE and U+FFFF.
bool is_forbidden(std::string_view sequence) {
  if (sequence.size() == 2) return sequence[0] == '\xc2' && static_cast<unsigned char>(sequence[1]) < 0xa0;
  return sequence.size() == 3 && sequence[0] == '\xef' && sequence[1] == '\xbf' &&
         static_cast<unsigned char>(sequence[2]) >= 0xbe;
}

void append_ascii(char c, std::string& out) {
  switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      if (c >= ' ' && c != '\x7f') {
        out.push_back(c);
      } else {
        out += kReplacement;
      }
  }
}

}  // namespace

std::string text(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    if (static_cast<unsigned char>(bytes.front()) < 0x80) {
      append_ascii(bytes.front(), out);
      bytes.remove_prefix(1);
      continue;
    }
    const size_t size = utf8_sequence(bytes);
    const std::string_view sequence = bytes.substr(0, size);
    const bool bad = size == 0 || turns_text_around(sequence) || is_forbidden(sequence);
    out += bad ? kReplacement : sequence;
    bytes.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

std::string grouped(uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out.push_back(',');
    out.push_back(digits[i]);
  }
  return out;
}

}  // namespace acta::report::html
