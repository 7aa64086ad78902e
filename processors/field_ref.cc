#include "processors/field_ref.h"

#include <algorithm>
#include <array>

#include "base/spelling.h"

namespace acta {
namespace {

constexpr std::array kEssential = {FieldId::kTimestamp, FieldId::kEventId, FieldId::kEventDataset,
                                   FieldId::kEcsVersion};

bool has_keys(FieldId id) {
  const FieldType type = field_info(id).type;
  return type == FieldType::map || type == FieldType::objects;
}

/// "auditd.data.a0" -> auditd.data, key a0.
bool resolve_key(std::string_view name, FieldRef& into) {
  for (size_t dot = name.rfind('.'); dot != std::string_view::npos && dot > 0; dot = name.rfind('.', dot - 1)) {
    const auto id = find_field(name.substr(0, dot));
    if (!id || !has_keys(*id) || dot + 1 == name.size()) continue;
    into = {*id, std::string(name.substr(dot + 1))};
    return true;
  }
  return false;
}

tl::unexpected<Error> unknown(std::string_view name) {
  std::vector<std::string_view> known;
  for (uint16_t i = 0; i < kFieldCount; ++i) known.push_back(field_info(FieldId{i}).name);
  return fail(Errc::config, "field '" + std::string(name) + "' is not known" + did_you_mean(name, known));
}

}  // namespace

bool FieldRef::covers(const Event::Entry& entry) const {
  if (key.empty()) return true;
  if (entry.group.empty()) return entry.key == key;
  return key.size() == entry.group.size() + 1 + entry.key.size() && key.starts_with(entry.group) &&
         key[entry.group.size()] == '.' && key.ends_with(entry.key);
}

bool FieldRef::in(const Event& event) const {
  if (key.empty()) return event.find(id) != nullptr;
  bool found = false;
  each(event, [&](const Value&) { found = true; });
  return found;
}

Result<std::vector<FieldRef>> resolve_fields(std::string_view name) {
  FieldRef ref;
  if (const auto id = find_field(name)) return std::vector<FieldRef>{{*id, ""}};
  if (resolve_key(name, ref)) return std::vector<FieldRef>{ref};
  std::vector<FieldRef> below;
  for (uint16_t i = 0; i < kFieldCount; ++i) {
    const std::string_view full = field_info(FieldId{i}).name;
    if (full.size() > name.size() && full.starts_with(name) && full[name.size()] == '.')
      below.push_back({FieldId{i}, ""});
  }
  if (below.empty()) return unknown(name);
  return below;
}

Result<FieldRef> resolve_field(std::string_view name) {
  auto refs = resolve_fields(name);
  if (!refs) return tl::unexpected(refs.error());
  if (refs->size() > 1) return fail(Errc::config, "'" + std::string(name) + "' is a group of fields, not one");
  return refs->front();
}

bool is_essential(FieldId id) {
  return std::find(kEssential.begin(), kEssential.end(), id) != kEssential.end();
}

}  // namespace acta
