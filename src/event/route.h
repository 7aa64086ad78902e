#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "event/json_fields.h"

namespace acta {

/// A field whose value an output asks for, to route documents by it: it travels in Meta::routes.
struct Route {
  std::string name;  ///< as asked for: "event.category"
  FieldId id{};
  std::string key{};  ///< of a map
};

/// Most bytes of a value in Meta::routes; a longer one is cut.
inline constexpr size_t kRouteBytesMax = 256;

/// Appends to `out` for each field that the event has: its name, NUL, its first value as text, NUL. Values come from
/// records: NULs in them are left out.
void append_routes(const std::vector<Route>& routes, const Event& event, std::string& out);

/// The same for a document that somebody else has made: of the fields that `fields` has found.
void append_routes(const JsonFields& fields, std::string& out);

/// The value of a field in Meta::routes.
[[nodiscard]] std::optional<std::string_view> find_route(std::string_view routes, std::string_view name);

}  // namespace acta
