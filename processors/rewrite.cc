#include "processors/rewrite.h"

namespace acta {
namespace {

void set_scalar(Event& event, FieldId id, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::text:
      return event.set_view(id, value.text());
    case Value::Kind::integer:
      return event.set(id, value.integer());
    case Value::Kind::boolean:
      return event.set(id, value.boolean());
    case Value::Kind::floating:
      return event.set(id, value.floating());
    case Value::Kind::time:
      return event.set_time(id, value.integer());
  }
}

}  // namespace

std::vector<Event::Entry>& Rewrite::take(const Event& event, FieldId id) {
  entries_.clear();
  event.each(id, [&](const Event::Entry& entry) { entries_.push_back(entry); });
  return entries_;
}

void Rewrite::put_back(Event& event, FieldId id) {
  const FieldInfo& info = field_info(id);
  event.erase(id);
  for (const Event::Entry& entry : entries_) {
    if (info.type == FieldType::map) {
      event.put(id, entry.key, entry.value.text(), entry.group);
    } else if (info.type == FieldType::objects) {
      event.put_in(id, entry.item, entry.key, entry.value.text(), entry.group);
    } else if (info.array) {
      event.add_view(id, entry.value.text());
    } else {
      set_scalar(event, id, entry.value);
    }
  }
}

}  // namespace acta
