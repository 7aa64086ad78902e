#include "event/event.h"

#include "base/check.h"
#include "event/encoder.h"

namespace acta {
namespace {

bool is_constant_field(FieldId id) {
  return id <= kLastConstantField && id != FieldId::kTimestamp;
}

bool is_scalar(FieldId id) {
  const FieldInfo& info = field_info(id);
  return !info.array && info.type != FieldType::map && info.type != FieldType::objects;
}

}  // namespace

Event::Event() {
  first_.fill(kNone);
  last_.fill(kNone);
}

void Event::clear() {
  each_field([this](FieldId id) { first_[index(id)] = kNone; });
  present_.fill(0);
  entries_.clear();
  arena_.clear();
  constant_ = nullptr;
}

const Event& Event::holder_of(FieldId id) const {
  if (constant_ != nullptr && is_constant_field(id)) return constant_->fields();
  return *this;
}

// A change of one field of the constant part first makes all of it the event's own.
void Event::own_constant_part(FieldId id) {
  if (constant_ == nullptr || !is_constant_field(id)) return;
  const Event& part = constant_->fields();
  constant_ = nullptr;
  part.each_field([&](FieldId field) {
    part.each(field, [&](const Entry& entry) {
      Entry copied = entry;
      copied.next = kNone;
      if (entry.value.kind() == Value::Kind::text) copied.value = Value(arena_.copy(entry.value.text()));
      append(field, copied);
    });
  });
}

void Event::append(FieldId id, const Entry& entry) {
  const auto at = static_cast<uint32_t>(entries_.size());
  const size_t i = index(id);
  entries_.push_back(entry);
  if (first_[i] == kNone) {
    first_[i] = at;
    present_[i / 64] |= uint64_t{1} << (i % 64);
  } else {
    entries_[last_[i]].next = at;
  }
  last_[i] = at;
}

void Event::set_value(FieldId id, Value v) {
  CHECK(is_scalar(id));
  own_constant_part(id);
  const uint32_t at = first_[index(id)];
  if (at != kNone) {
    entries_[at].value = v;
  } else {
    append(id, Entry{.value = v});
  }
}

void Event::add_view(FieldId id, std::string_view v) {
  CHECK(field_info(id).array);
  own_constant_part(id);
  append(id, Entry{.value = Value(v)});
}

void Event::add_unique(FieldId id, std::string_view v) {
  bool known = false;
  each(id, [&](const Entry& entry) { known = known || entry.value.text() == v; });
  if (!known) add(id, v);
}

void Event::put(FieldId map, std::string_view key, std::string_view v, std::string_view group) {
  CHECK(field_info(map).type == FieldType::map);
  append(map, Entry{.value = Value(v), .key = key, .group = group});
}

void Event::put_in(FieldId list, uint32_t item, std::string_view key, std::string_view v, std::string_view group) {
  CHECK(field_info(list).type == FieldType::objects);
  append(list, Entry{.value = Value(v), .key = key, .group = group, .item = item});
}

const Value* Event::find(FieldId id) const {
  const Event& holder = holder_of(id);
  const uint32_t at = holder.first_[index(id)];
  return at == kNone ? nullptr : &holder.entries_[at].value;
}

std::string_view Event::text(FieldId id) const {
  const Value* value = find(id);
  return value == nullptr ? std::string_view{} : value->text();
}

const Value* Event::find(FieldId map, std::string_view key) const {
  for (uint32_t i = first_[index(map)]; i != kNone; i = entries_[i].next) {
    const Entry& entry = entries_[i];
    if (entry.group.empty() ? entry.key == key
                            : key.size() == entry.group.size() + 1 + entry.key.size() && key.starts_with(entry.group) &&
                                  key[entry.group.size()] == '.' && key.ends_with(entry.key)) {
      return &entry.value;
    }
  }
  return nullptr;
}

void Event::erase(FieldId id) {
  own_constant_part(id);
  const size_t i = index(id);
  first_[i] = kNone;
  present_[i / 64] &= ~(uint64_t{1} << (i % 64));
}

}  // namespace acta
