#include <algorithm>

#include "processors/audit/field_type.h"
#include "processors/audit/record.h"

namespace acta::audit {

std::string_view decode_escaped(std::string_view field, bool quoted, std::string_view value, std::string& scratch) {
  if (quoted || value.size() < 2 || value.size() % 2 != 0) return value;
  const std::string_view hex = value.starts_with("00") && value.size() > 2 ? value.substr(2) : value;
  scratch.clear();
  if (!decode_hex(hex, scratch)) return value;
  const FieldType type = field_type(field);
  if (type == FieldType::proctitle) std::replace(scratch.begin(), scratch.end(), '\0', ' ');
  if (type == FieldType::key) std::replace(scratch.begin(), scratch.end(), '\x01', ' ');
  return scratch;
}

}  // namespace acta::audit
