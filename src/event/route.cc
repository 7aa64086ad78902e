#include "event/route.h"

#include <charconv>

#include "event/encoder.h"

namespace acta {
namespace {

void append_text(std::string_view text, std::string& out) {
  for (const char c : text.substr(0, kRouteBytesMax)) {
    if (c != '\0') out.push_back(c);
  }
}

void append_value(const Value& value, std::string& out) {
  constexpr size_t kDigitsMax = 32;
  char digits[kDigitsMax];
  switch (value.kind()) {
    case Value::Kind::text:
      return append_text(value.text(), out);
    case Value::Kind::integer:
      out.append(digits, std::to_chars(digits, digits + kDigitsMax, value.integer()).ptr);
      return;
    case Value::Kind::boolean:
      out.append(value.boolean() ? "true" : "false");
      return;
    case Value::Kind::floating:
      out.append(digits, std::to_chars(digits, digits + kDigitsMax, value.floating()).ptr);
      return;
    case Value::Kind::time:
      return append_iso_time(value.integer(), out);
  }
}

}  // namespace

void append_routes(const std::vector<Route>& routes, const Event& event, std::string& out) {
  for (const Route& route : routes) {
    const Value* value = route.key.empty() ? event.find(route.id) : event.find(route.id, route.key);
    if (value == nullptr) continue;
    out.append(route.name).push_back('\0');
    append_value(*value, out);
    out.push_back('\0');
  }
}

void append_routes(const JsonFields& fields, std::string& out) {
  for (size_t i = 0; i < fields.names().size(); ++i) {
    if (!fields[i]) continue;
    out.append(fields.names()[i]).push_back('\0');
    append_text(*fields[i], out);
    out.push_back('\0');
  }
}

std::optional<std::string_view> find_route(std::string_view routes, std::string_view name) {
  while (!routes.empty()) {
    const size_t name_end = routes.find('\0');
    if (name_end == std::string_view::npos) return std::nullopt;
    const size_t value_end = routes.find('\0', name_end + 1);
    if (value_end == std::string_view::npos) return std::nullopt;
    if (routes.substr(0, name_end) == name) return routes.substr(name_end + 1, value_end - name_end - 1);
    routes.remove_prefix(value_end + 1);
  }
  return std::nullopt;
}

}  // namespace acta
