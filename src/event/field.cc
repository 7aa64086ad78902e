#include "event/field.h"

#include <string>
#include <unordered_map>

namespace acta {

std::optional<FieldId> find_field(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, FieldId> map;
    for (uint16_t i = 0; i < kFieldCount; ++i) map.emplace(field_info(FieldId{i}).name, FieldId{i});
    return map;
  }();
  const auto found = by_name.find(name);
  if (found == by_name.end()) return std::nullopt;
  return found->second;
}

}  // namespace acta
