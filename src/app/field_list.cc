#include "app/field_list.h"

#include <fmt/format.h>

#include "config/value.h"
#include "event/encoder.h"
#include "event/field.h"

namespace acta {
namespace {

std::string_view index_type(FieldType type) {
  switch (type) {
    case FieldType::keyword:
      return "keyword";
    case FieldType::wildcard:
      return "wildcard";
    case FieldType::match_only_text:
      return "match_only_text";
    case FieldType::constant_keyword:
      return "constant_keyword";
    case FieldType::ip:
      return "ip";
    case FieldType::integer:
      return "long";
    case FieldType::floating:
      return "float";
    case FieldType::boolean:
      return "boolean";
    case FieldType::date:
      return "date";
    case FieldType::map:
      return "object";
    case FieldType::objects:
      return "nested";
  }
  return "";
}

bool is_list(const FieldInfo& info) {
  return info.array || info.type == FieldType::objects;
}

template <class F>
void each_field(F&& f) {
  for (uint16_t i = 0; i < kFieldCount; ++i) f(field_info(FieldId{i}));
}

std::string_view set_of(std::string_view name) {
  return name.substr(0, name.find('.'));
}

bool is_own(std::string_view name) {
  const std::string_view set = set_of(name);
  return set == "auditd" || set == "acct" || set == "actabeat";
}

}  // namespace

std::string fields_yaml() {
  std::string out;
  each_field([&](const FieldInfo& info) {
    out += fmt::format("- name: {}\n  type: {}\n", config::format_text(info.name), index_type(info.type));
    if (is_list(info)) out += "  array: true\n";
    if (!info.doc.empty()) out += fmt::format("  doc: {}\n", config::format_text(info.doc));
  });
  return out;
}

std::string fields_json() {
  std::string out = "[";
  each_field([&](const FieldInfo& info) {
    out += out.size() > 1 ? ",\n {\"name\":" : "\n {\"name\":";
    append_json_string(info.name, out);
    out += fmt::format(",\"type\":\"{}\",\"array\":{}", index_type(info.type), is_list(info));
    if (!info.doc.empty()) {
      out += ",\"doc\":";
      append_json_string(info.doc, out);
    }
    out += '}';
  });
  return out + "\n]\n";
}

std::string fields_markdown() {
  std::string out =
      "# Fields\n\nGenerated from `src/event/fields.yaml`. Every field that a document can have. Names without a "
      "description are "
      "those of\nthe [Elastic Common Schema](https://www.elastic.co/guide/en/ecs/current/ecs-field-reference.html) "
      "9.4.0; what it "
      "does not have\nlies under `auditd`, `acct` and `actabeat`. *object*: keys come from the records. *nested*: a "
      "list of such "
      "objects.\n";
  std::string_view set;
  each_field([&](const FieldInfo& info) {
    if (set_of(info.name) != set) {
      set = set_of(info.name);
      out += fmt::format(
          "\n## {}\n\n{}", set,
          is_own(info.name) ? "| field | type | holds |\n|---|---|---|\n" : "| field | type |\n|---|---|\n");
    }
    out += fmt::format("| `{}` | {}{} |", info.name, index_type(info.type), info.array ? ", list" : "");
    if (is_own(info.name)) out += fmt::format(" {} |", info.doc);
    out += '\n';
  });
  return out;
}

}  // namespace acta
