// The half of value.h that writes YAML.
#include <fmt/format.h>

#include <algorithm>

#include "config/value.h"

namespace acta::config {
namespace {

/// A scalar that YAML reads as text without quotes, also inside a flow list, and that no reader takes for a number, a
/// boolean or null.
bool is_plain(std::string_view text) {
  const auto safe = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '/' ||
           c == '.' || c == '-';
  };
  if (text.empty() || !std::all_of(text.begin(), text.end(), safe)) return false;
  const char first = text[0];
  const bool starts_well =
      (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '/' || first == '_';
  const auto is_word = [&](std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
  };
  return starts_well && !parse_boolean(text) && !is_word("null") && !is_word("y") && !is_word("n");
}

std::string format_number(double value) {
  return fmt::format("{}", value);
}

}  // namespace

std::string format_text(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string out = "\"";
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += text[i];
    } else if (c < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", c);
    } else if (c == '$' && i + 1 < text.size() && text[i + 1] == '{') {
      out += "$$";
    } else {
      out += text[i];
    }
  }
  return out + '"';
}

std::string format_key(std::string_view text) {
  constexpr size_t kSimpleMax = 1000;  // YAML 1.2, 7.4.2: an implicit key has at most 1024 characters
  std::string key = format_text(text);
  return key.size() > kSimpleMax ? "? " + key + " " : key;
}

std::string format_value(Option::Type type, const Settings::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return format_text(*text);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<double>(&value)) return format_number(*number);
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    if (type == Option::Type::duration) return format_duration(*integer);
    if (type == Option::Type::bytes) return format_bytes(*integer);
    return fmt::format("{}", *integer);
  }
  std::vector<std::string> parts;
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    for (const std::string& item : *list) parts.push_back(format_text(item));
    return fmt::format("[{}]", fmt::join(parts, ", "));
  }
  for (const auto& [key, item] : std::get<std::map<std::string, std::string>>(value)) {
    parts.push_back(fmt::format("{}: {}", format_key(key), format_text(item)));
  }
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

}  // namespace acta::config
