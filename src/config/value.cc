#include "config/value.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace acta::config {
namespace {

struct Unit {
  std::string_view name;
  int64_t size;
};

constexpr std::array<Unit, 7> kTimeUnits{{{"h", 3600 * kSecond},
                                          {"ms", kMillisecond},
                                          {"m", 60 * kSecond},
                                          {"ns", 1},
                                          {"us", kMicrosecond},
                                          {"µs", kMicrosecond},
                                          {"s", kSecond}}};

constexpr int64_t kKilo = 1024;
constexpr int64_t kMega = kKilo * 1024;
constexpr int64_t kGiga = kMega * 1024;
constexpr int64_t kTera = kGiga * 1024;
constexpr std::array<Unit, 14> kByteUnits{{{"", 1},
                                           {"b", 1},
                                           {"k", kKilo},
                                           {"kb", kKilo},
                                           {"kib", kKilo},
                                           {"m", kMega},
                                           {"mb", kMega},
                                           {"mib", kMega},
                                           {"g", kGiga},
                                           {"gb", kGiga},
                                           {"gib", kGiga},
                                           {"t", kTera},
                                           {"tb", kTera},
                                           {"tib", kTera}}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// `count` times `size`, rounded; nothing when it does not fit.
std::optional<int64_t> scaled(double count, int64_t size) {
  const double value = std::round(count * static_cast<double>(size));
  if (!(std::fabs(value) < 9.2e18)) return std::nullopt;
  return static_cast<int64_t>(value);
}

/// Takes "12", "1.5" from the front of `text`: the exact integer where there is no fraction.
std::optional<int64_t> take_scaled(std::string_view digits, int64_t size) {
  int64_t whole = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), whole);
  if (error == std::errc{} && end == digits.data() + digits.size()) {
    int64_t product = 0;
    if (__builtin_mul_overflow(whole, size, &product)) return std::nullopt;
    return product;
  }
  const auto fraction = parse_number(digits);
  return fraction ? scaled(*fraction, size) : std::nullopt;
}

size_t digits_size(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && ((text[n] >= '0' && text[n] <= '9') || text[n] == '.')) ++n;
  return n;
}

}  // namespace

std::optional<int64_t> parse_integer(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.remove_prefix(text[1] == 'o' ? 2 : 1);
  }
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > INT64_MAX)
    return std::nullopt;
  return negative ? -static_cast<int64_t>(value) : static_cast<int64_t>(value);
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<bool> parse_boolean(std::string_view text) {
  const std::string word = lower(text);
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "no" || word == "off") return false;
  return std::nullopt;
}

std::optional<Nanos> parse_duration(std::string_view text) {
  if (const auto seconds = text.empty() ? std::nullopt : take_scaled(text, kSecond)) return seconds;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  Nanos total = 0;
  while (!text.empty()) {
    const size_t digits = digits_size(text);
    const Unit* unit = nullptr;
    for (const Unit& u : kTimeUnits) {
      if (unit == nullptr && text.substr(digits).starts_with(u.name)) unit = &u;
    }
    if (digits == 0 || unit == nullptr) return std::nullopt;
    const auto part = take_scaled(text.substr(0, digits), unit->size);
    if (!part || __builtin_add_overflow(total, *part, &total)) return std::nullopt;
    text.remove_prefix(digits + unit->name.size());
  }
  return negative ? -total : total;
}

std::optional<int64_t> parse_bytes(std::string_view text) {
  const size_t digits = digits_size(text);
  if (digits == 0) return std::nullopt;
  std::string_view rest = text.substr(digits);
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  const std::string unit = lower(rest);
  for (const Unit& u : kByteUnits) {
    if (u.name == unit) return take_scaled(text.substr(0, digits), u.size);
  }
  return std::nullopt;
}

std::string format_duration(Nanos value) {
  if (value == 0) return "0s";
  std::string out = value < 0 ? "-" : "";
  auto rest = value < 0 ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value);
  constexpr std::array<Unit, 6> kDescending{{{"h", 3600 * kSecond},
                                             {"m", 60 * kSecond},
                                             {"s", kSecond},
                                             {"ms", kMillisecond},
                                             {"us", kMicrosecond},
                                             {"ns", 1}}};
  for (const Unit& unit : kDescending) {
    const auto size = static_cast<uint64_t>(unit.size);
    if (rest / size > 0) out += fmt::format("{}{}", rest / size, unit.name);
    rest %= size;
  }
  return out;
}

std::string format_bytes(int64_t value) {
  constexpr std::array<Unit, 4> kDescending{{{"TB", kTera}, {"GB", kGiga}, {"MB", kMega}, {"KB", kKilo}}};
  for (const Unit& unit : kDescending) {
    if (value != 0 && value % unit.size == 0) return fmt::format("{}{}", value / unit.size, unit.name);
  }
  return fmt::format("{}", value);
}

std::string_view describe(Option::Type type) {
  switch (type) {
    case Option::Type::text:
      return "a text";
    case Option::Type::integer:
      return "an integer";
    case Option::Type::boolean:
      return "true or false";
    case Option::Type::number:
      return "a number";
    case Option::Type::duration:
      return "a duration such as 10s or 200ms";
    case Option::Type::bytes:
      return "a size such as 10MB or 64KiB";
    case Option::Type::list:
      return "a list";
    case Option::Type::map:
      return "a group of names and values";
  }
  return "";
}

std::string_view type_name(Option::Type type) {
  switch (type) {
    case Option::Type::text:
      return "text";
    case Option::Type::integer:
      return "integer";
    case Option::Type::boolean:
      return "boolean";
    case Option::Type::number:
      return "number";
    case Option::Type::duration:
      return "duration";
    case Option::Type::bytes:
      return "bytes";
    case Option::Type::list:
      return "list";
    case Option::Type::map:
      return "map";
  }
  return "";
}

}  // namespace acta::config
