#include "event/format_string.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "event/route.h"

namespace acta {
namespace {

constexpr std::string_view kMissing = "none";

struct Unit {
  std::string_view letters;
  int digits;
  int (*of)(const tm&);
};
constexpr std::array<Unit, 6> kUnits{{{"yyyy", 4, [](const tm& t) { return t.tm_year + 1900; }},
                                      {"MM", 2, [](const tm& t) { return t.tm_mon + 1; }},
                                      {"dd", 2, [](const tm& t) { return t.tm_mday; }},
                                      {"HH", 2, [](const tm& t) { return t.tm_hour; }},
                                      {"mm", 2, [](const tm& t) { return t.tm_min; }},
                                      {"ss", 2, [](const tm& t) { return t.tm_sec; }}}};

const Unit* unit_at(std::string_view pattern) {
  for (const Unit& unit : kUnits) {
    if (pattern.starts_with(unit.letters)) return &unit;
  }
  return nullptr;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_pattern(std::string_view pattern) {
  while (!pattern.empty()) {
    const Unit* unit = unit_at(pattern);
    if (unit == nullptr && is_letter(pattern.front())) return false;
    pattern.remove_prefix(unit == nullptr ? 1 : unit->letters.size());
  }
  return true;
}

void append_time(std::string_view pattern, Nanos time, std::string& out) {
  const time_t seconds = time / kSecond;
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  while (!pattern.empty()) {
    const Unit* unit = unit_at(pattern);
    if (unit == nullptr) {
      out.push_back(pattern.front());
      pattern.remove_prefix(1);
      continue;
    }
    const std::string digits = std::to_string(unit->of(parts));
    out.append(static_cast<size_t>(std::max(0, unit->digits - static_cast<int>(digits.size()))), '0').append(digits);
    pattern.remove_prefix(unit->letters.size());
  }
}

}  // namespace

Result<FormatString::Part> FormatString::parse_field(std::string_view inside) {
  using Kind = Part::Kind;
  if (inside.starts_with('+')) {
    const std::string_view pattern = inside.substr(1);
    if (pattern.empty() || !is_pattern(pattern)) {
      return fail(Errc::config, "'%{" + std::string(inside) + "}' is not made of yyyy, MM, dd, HH, mm and ss");
    }
    return Part{Kind::time, std::string(pattern), {}};
  }
  const size_t close = inside.find(']');
  if (!inside.starts_with('[') || close == std::string_view::npos || close == 1 ||
      (close + 1 < inside.size() && inside[close + 1] != ':')) {
    return fail(Errc::config,
                "'%{" + std::string(inside) + "}' is neither %{[field]}, %{[field]:default} nor %{+yyyy.MM.dd}");
  }
  Part part{Kind::route, std::string(inside.substr(1, close - 1)), std::string(kMissing)};
  if (close + 1 < inside.size()) part.fallback = inside.substr(close + 2);
  if (part.text == "event.dataset" || part.text == "data_stream.dataset") part.kind = Kind::dataset;
  if (part.text == "event.id") part.kind = Kind::id;
  if (part.text == "host.id") part.kind = Kind::host;
  if (part.text == "agent.version") part = {Kind::text, ACTA_VERSION, {}};
  return part;
}

Result<FormatString> FormatString::parse(std::string_view text) {
  FormatString format;
  while (!text.empty()) {
    const size_t open = text.find("%{");
    if (open > 0) format.parts_.push_back({Part::Kind::text, std::string(text.substr(0, open)), {}});
    if (open == std::string_view::npos) break;
    const size_t close = text.find('}', open);
    if (close == std::string_view::npos) {
      return fail(Errc::config, "'" + std::string(text.substr(open)) + "' has no closing brace");
    }
    auto part = parse_field(text.substr(open + 2, close - open - 2));
    if (!part) return tl::unexpected(part.error());
    if (part->kind == Part::Kind::route) format.fields_.push_back(part->text);
    format.parts_.push_back(*std::move(part));
    text.remove_prefix(close + 1);
  }
  return format;
}

void FormatString::append(const Meta& meta, std::string& out) const {
  const auto field = [&](std::string_view value, const Part& part) {
    out.append(value.empty() ? part.fallback : value);
  };
  for (const Part& part : parts_) {
    switch (part.kind) {
      case Part::Kind::text:
        out.append(part.text);
        break;
      case Part::Kind::id:
        field(meta.id, part);
        break;
      case Part::Kind::dataset:
        field(meta.dataset, part);
        break;
      case Part::Kind::host:
        field(meta.key, part);
        break;
      case Part::Kind::route:
        field(find_route(meta.routes, part.text).value_or(""), part);
        break;
      case Part::Kind::time:
        append_time(part.text, meta.timestamp, out);
        break;
    }
  }
}

}  // namespace acta
