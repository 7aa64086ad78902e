#include "support/ecs.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "event/field.h"
#include "support/audit_documents.h"

namespace acta::test {
namespace {

bool is_own(const std::string& path) {
  return path.starts_with("auditd.") || path.starts_with("acct.") || path.starts_with("actabeat.");
}

bool is_date(const std::string& text) {
  // 2026-11-23T02:37:12.432Z, with three or nine digits.
  const std::string shape = "0000-00-00T00:00:00.000";
  if (text.size() < shape.size() + 1 || text.back() != 'Z') return false;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    const char expected = i < shape.size() ? shape[i] : '0';
    if (expected == '0' ? text[i] < '0' || text[i] > '9' : text[i] != expected) return false;
  }
  return text.size() == 24 || text.size() == 30;
}

bool is_address(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1 || inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

// A path of fields.yaml, or below a map or list of objects of it.
bool is_listed(std::string path) {
  while (true) {
    if (const auto id = find_field(path)) return true;
    const size_t dot = path.rfind('.');
    if (dot == std::string::npos) return false;
    path.resize(dot);
    const auto parent = find_field(path);
    if (parent) return field_info(*parent).type == FieldType::map || field_info(*parent).type == FieldType::objects;
  }
}

}  // namespace

Ecs::Ecs(const std::string& path) {
  const YAML::Node root = YAML::LoadFile(path);
  for (const auto& entry : root) {
    Field field;
    const YAML::Node& node = entry.second;
    field.type = node["type"].as<std::string>();
    for (const auto& word : node["normalize"]) field.array = field.array || word.as<std::string>() == "array";
    if (node["allowed_values"]) {
      for (const auto& value : node["allowed_values"]) {
        const auto name = value["name"].as<std::string>();
        field.allowed.insert(name);
        if (!value["expected_event_types"]) continue;
        for (const auto& type : value["expected_event_types"]) types_of_category_[name].insert(type.as<std::string>());
      }
    }
    fields_.emplace(entry.first.as<std::string>(), std::move(field));
  }
  EXPECT_GT(fields_.size(), 2000u);
}

std::vector<std::string> Ecs::violations(const rapidjson::Value& document) const {
  std::vector<std::string> out;
  check_object("", document, out);
  check_kinds(document, out);
  for (const char* required : {"@timestamp", "event.id", "event.kind", "event.dataset", "event.module", "ecs.version",
                               "host.id", "host.os.type"}) {
    if (at_path(document, required) == nullptr) out.push_back(std::string(required) + " is missing");
  }
  return out;
}

void Ecs::check_object(const std::string& path, const rapidjson::Value& object, std::vector<std::string>& out) const {
  std::set<std::string> names;
  for (const auto& member : object.GetObject()) {
    const std::string name(member.name.GetString(), member.name.GetStringLength());
    const std::string below = path.empty() ? name : path + "." + name;
    if (!names.insert(name).second) out.push_back(below + " is there twice");
    if (name.find('.') != std::string::npos) out.push_back(below + " has a dot in a key");
    check_value(below, member.value, out);
  }
}

void Ecs::check_value(const std::string& path, const rapidjson::Value& value, std::vector<std::string>& out) const {
  if (value.IsObject()) {
    if (value.ObjectEmpty()) out.push_back(path + " is an empty object");
    check_object(path, value, out);
    return;
  }
  if (!is_listed(path)) out.push_back(path + " is not in fields.yaml");
  if (value.IsNull()) out.push_back(path + " is null");
  if (is_own(path)) {
    if (!value.IsArray()) return;
    for (const auto& item : value.GetArray()) {
      if (item.IsObject()) check_object(path, item, out);
    }
    return;
  }
  const auto found = fields_.find(path);
  if (found == fields_.end()) {
    out.push_back(path + " is no field of ECS");
    return;
  }
  const Field& field = found->second;
  if (field.array != value.IsArray()) out.push_back(path + (field.array ? " must be a list" : " must not be a list"));
  std::set<std::string> seen;
  const auto check = [&](const rapidjson::Value& scalar) {
    check_scalar(path, field.type, scalar, out);
    if (!scalar.IsString()) return;
    const std::string text = scalar.GetString();
    if (!field.allowed.empty() && !field.allowed.contains(text)) out.push_back(path + ": " + text + " is not allowed");
    if (value.IsArray() && path != "process.args" && !seen.insert(text).second)
      out.push_back(path + ": " + text + " is there twice");
  };
  if (!value.IsArray()) return check(value);
  if (value.Empty()) out.push_back(path + " is an empty list");
  for (const auto& item : value.GetArray()) check(item);
}

void Ecs::check_scalar(const std::string& path, const std::string& type, const rapidjson::Value& value,
                       std::vector<std::string>& out) const {
  const auto complain = [&] { out.push_back(path + " is not of type " + type); };
  if (type == "long") {
    if (!value.IsInt64()) complain();
  } else if (type == "boolean") {
    if (!value.IsBool()) complain();
  } else if (!value.IsString()) {
    complain();
  } else if (type == "date") {
    if (!is_date(value.GetString())) complain();
  } else if (type == "ip") {
    if (!is_address(value.GetString())) complain();
  } else if (value.GetStringLength() == 0 && path != "process.args") {
    out.push_back(path + " is empty");
  }
}

void Ecs::check_kinds(const rapidjson::Value& document, std::vector<std::string>& out) const {
  const rapidjson::Value* categories = at_path(document, "event.category");
  const rapidjson::Value* types = at_path(document, "event.type");
  if (categories == nullptr) return;
  for (const auto& category : categories->GetArray()) {
    const auto row = types_of_category_.find(category.GetString());
    bool any = false;
    if (row != types_of_category_.end() && types != nullptr) {
      for (const auto& type : types->GetArray()) any = any || row->second.contains(type.GetString());
    }
    if (!any)
      out.push_back(std::string("event.category ") + category.GetString() + " has none of its types in event.type");
  }
}

}  // namespace acta::test
