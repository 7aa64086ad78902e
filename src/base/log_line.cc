#include "base/log_line.h"

#include <fmt/format.h>

#include <array>
#include <ctime>

namespace acta::log {
namespace {

constexpr std::array<std::string_view, 4> kNames{"DEBUG", "INFO", "WARNING", "ERROR"};
constexpr std::array<std::string_view, 4> kJsonNames{"debug", "info", "warning", "error"};
constexpr std::array<int, 4> kPriorities{7, 6, 4, 3};  // syslog(3)
constexpr size_t kMessageMax = 16u << 10;              // bytes; a longer message is cut

/// Bytes of the UTF-8 character at the front of `text`, or 0 when it is none, or a control character.
size_t printable_size(std::string_view text) {
  const auto at = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](size_t i) { return (at(i) & 0xc0u) == 0x80u; };
  const unsigned first = at(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return follows(1) && !(first == 0xc2 && at(1) < 0xa0) ? 2 : 0;
  if (first < 0xf0) {
    const bool low = first == 0xe0 && at(1) < 0xa0;
    const bool surrogate = first == 0xed && at(1) >= 0xa0;
    // U+2028, U+2029 end lines, U+202A..E and U+2066..9 turn the direction of text.
    const bool turns = first == 0xe2 && ((at(1) == 0x80 && at(2) >= 0xa8 && at(2) <= 0xae) ||
                                         (at(1) == 0x81 && at(2) >= 0xa6 && at(2) <= 0xa9));
    return follows(1) && follows(2) && !low && !surrogate && !turns ? 3 : 0;
  }
  const bool low = first == 0xf0 && at(1) < 0x90;
  const bool high = first == 0xf4 && at(1) >= 0x90;
  return follows(1) && follows(2) && follows(3) && !low && !high ? 4 : 0;
}

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const bool cut = text.size() > kMessageMax;
  if (cut) text = text.substr(0, kMessageMax);
  while (!text.empty()) {
    const size_t size = printable_size(text);
    if (size == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
      text.remove_prefix(1);
    } else {
      out += text.substr(0, size);
      text.remove_prefix(size);
    }
  }
  if (cut) out += "…";
  return out;
}

/// `text` has no control characters any more.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string iso_time(Nanos realtime) {
  const std::time_t seconds = realtime / kSecond;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, realtime % kSecond / kMillisecond);
}

}  // namespace

std::string format_line(Style style, Level level, std::string_view component, std::string_view message,
                        Nanos realtime) {
  const auto index = static_cast<size_t>(level);
  const std::string safe = escaped(message);
  switch (style) {
    case Style::text:
      return fmt::format("{} {} {}: {}", iso_time(realtime), kNames[index], component, safe);
    case Style::journal:
      return fmt::format("<{}>{}: {}", kPriorities[index], component, safe);
    case Style::json:
      break;
  }
  return fmt::format(R"({{"@timestamp":"{}","log.level":"{}","log.logger":{},"message":{}}})", iso_time(realtime),
                     kJsonNames[index], quoted(escaped(component)), quoted(safe));
}

}  // namespace acta::log
