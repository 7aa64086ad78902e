#pragma once
#include <optional>
#include <string_view>

#include "event/field.gen.h"

namespace acta {

/// Index type of a field: the ECS types, and two of ours for keys that come from records.
enum class FieldType : uint8_t {
  keyword,
  wildcard,
  match_only_text,
  constant_keyword,
  ip,
  integer,   ///< long
  floating,  ///< float
  boolean,
  date,
  map,     ///< object with keys from the records, string values: Event::put
  objects  ///< list of objects with keys from the records, string values: Event::put_in
};

struct FieldInfo {
  std::string_view name;  ///< dotted, as in ECS
  FieldType type;
  bool array;            ///< always a list
  bool text;             ///< an index has its words too, under name + ".text"
  bool index;            ///< an index searches in it
  std::string_view doc;  ///< what it holds, for fields that ECS does not have
  /// Of maps and objects: the keys that an index knows, dotted where they lie deeper, each with a space after it.
  std::string_view keys;
};

extern const FieldInfo kFields[kFieldCount];

inline const FieldInfo& field_info(FieldId id) {
  return kFields[static_cast<uint16_t>(id)];
}

/// Known when it is compiled, for a field that is.
constexpr FieldForm field_form(FieldId id) {
  return kFieldForms[static_cast<uint16_t>(id)];
}

/// The field of that dotted name, when there is one.
std::optional<FieldId> find_field(std::string_view name);

}  // namespace acta
