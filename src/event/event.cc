#include "event/event.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "event/encoder.h"

namespace acta {

Event::Event() {
  grow();
  first_.fill(kNone);
  last_.fill(kNone);
}

void Event::clear() {
  first_.fill(kNone);
  present_.fill(0);
  used_ = 0;
  arena_.clear();
  constant_ = nullptr;
}

const Event& Event::constant_fields() const {
  return constant_->fields();
}

// A change of one field of the constant part first makes all of it the event's own.
void Event::own_constant_part() {
  if (constant_ == nullptr) return;
  const Event& part = constant_->fields();
  constant_ = nullptr;
  part.each_field([&](FieldId field) {
    part.each(field, [&](const Entry& entry) {
      const bool text = entry.value.kind() == Value::Kind::text;
      append(field, text ? Value(arena_.copy(entry.value.text())) : entry.value, {entry.key, entry.key_json},
             entry.group, entry.item);
    });
  });
}

void Event::set(FieldId id, std::string_view v) {
  set_value(id, Value(arena_.copy(v)));
}

// Not in line, like all that is called from many places but once for a document: what a document needs of the program
// is more than fits the processor's cache of instructions.
void Event::set_value(FieldId id, Value v) {
  CHECK(field_form(id) == FieldForm::scalar);
  if (is_constant_field(id) && constant_ != nullptr) [[unlikely]]
    return set_constant_value(id, v);
  const uint32_t at = first_[index(id)];
  if (at != kNone) {
    entries_[at].value = v;
  } else {
    append(id, v, std::string_view{}, {}, 0);
  }
}

void Event::set_constant_value(FieldId id, Value v) {
  own_constant_part();
  set_value(id, v);
}

void Event::grow() {
  const uint32_t larger = capacity_ == 0 ? 256 : 2 * capacity_;
  auto entries = std::make_unique<Entry[]>(larger);
  std::copy_n(entries_.get(), used_, entries.get());
  entries_ = std::move(entries);
  capacity_ = larger;
}

void Event::add_value(FieldId id, Value value) {
  CHECK(field_form(id) == FieldForm::list);
  if (is_constant_field(id)) own_constant_part();
  append(id, value, std::string_view{}, {}, 0);
}

void Event::add_unique(FieldId id, std::string_view v) {
  bool known = false;
  each(id, [&](const Entry& entry) { known = known || entry.value.text() == v; });
  if (!known) add(id, v);
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
  if (is_constant_field(id)) own_constant_part();
  const size_t i = index(id);
  first_[i] = kNone;
  present_[i / 64] &= ~(uint64_t{1} << (i % 64));
}

}  // namespace acta
