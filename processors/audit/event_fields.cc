#include "processors/audit/event_fields.h"

#include <algorithm>

#include "event/encoder.h"
#include "processors/audit/record_types.h"

namespace acta::audit {
namespace {

constexpr size_t kLooksMin = 4096;
constexpr size_t kLooksPerField = 64;

bool same_key(std::string_view upper, std::string_view key) {
  if (upper.size() != key.size()) return false;
  for (size_t i = 0; i < key.size(); ++i) {
    const char c = key[i];
    if (upper[i] != (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c)) return false;
  }
  return true;
}

// The value with the quotes it stands in.
std::string_view with_quotes(const Field& field, const Record& record) {
  const char* begin = field.value.data() - 1;
  const char* end = field.value.data() + field.value.size();
  const char* line_end = record.line.data() + record.line.size();
  if (begin < record.line.data() || end >= line_end || *begin != '"' || *end != '"') return field.value;
  return {begin, field.value.size() + 2};
}

}  // namespace

bool is_word_for_nothing(std::string_view text) {
  switch (text.size()) {
    case 1:
      return text[0] == '?';
    case 6:
      return text[0] == '(' && (text == "(null)" || text == "(none)");
    default:
      return false;
  }
}

bool FieldSlot::absent() const {
  return !field.quoted && (field.value.empty() || is_word_for_nothing(field.value));
}

const FieldSlot* RecordFields::find(Key key) const {
  for (const FieldSlot& slot : slots) {
    if (slot.key == key) return &slot;
  }
  return nullptr;
}

int EventFields::find_record(uint16_t type) const {
  for (size_t i = 0; i < size_; ++i) {
    if (records_[i].record->type == type) return static_cast<int>(i);
  }
  return -1;
}

void EventFields::read(const AssembledEvent& event, Arena& arena) {
  size_ = 0;
  tails_alone_.clear();
  if (records_.size() < event.records.size()) records_.resize(event.records.size());
  for (const Record& record : event.records) {
    if (record.type == type::kEoe) continue;
    RecordFields& out = records_[size_++];
    out.record = &record;
    TypeMemory& memory = memory_of(record.type);
    read_record(record, memory, out, arena);
    if (!record.enriched.empty()) read_tail(record, memory, out, arena);
  }
}

EventFields::TypeMemory& EventFields::memory_of(uint16_t type) {
  auto& memory = types_[std::min<size_t>(type, types_.size() - 1)];
  if (!memory) memory = std::make_unique<TypeMemory>();
  return *memory;
}

void EventFields::read_record(const Record& record, TypeMemory& memory, RecordFields& out, Arena& arena) {
  out.slots.clear();
  out.renamed = false;
  out.utf8 = is_utf8(record.line);
  split_fields(record, fields_, &memory.order);
  out.slots.reserve(fields_.size());
  for (const Field& field : fields_) {
    FieldSlot& slot = out.slots.emplace_back();
    slot.field = field;
    slot.key = field.id;
    if (is_document_key(slot.key)) {
      slot.name = field.key;
      slot.name_key = slot.key;
    } else {
      slot.name = document_key(field.key, arena);
      const bool own_name = slot.name.data() == field.key.data();
      slot.name_key = own_name ? slot.key : find_key(slot.name);
      out.renamed = out.renamed || !own_name;
    }
    const uint8_t known = memory.kinds[index(slot.key)];
    slot.kind =
        known != kUnknownKind ? static_cast<FieldKind>(known) : kind_of(record.type, memory.kinds, slot.key, field);
    slot.printed = slot.text = field.value;
    if (field.quoted || slot.kind == FieldKind::escaped) set_texts(slot, record, arena);
  }
}

FieldKind EventFields::kind_of(uint16_t type, Kinds& kinds, Key key, const Field& field) const {
  // Of these the kind depends on the value too.
  const bool by_value = key == Key::other || key == Key::kAcct || type == type::kTrustedApp || type >= 4095;
  if (by_value)
    return field.key.empty() ? FieldKind::text : interpreter_.kind(type, field.key, field.quoted, field.value);
  const FieldKind kind = interpreter_.kind(type, field.key, field.quoted, field.value);
  kinds[index(key)] = static_cast<uint8_t>(kind);
  return kind;
}

// Where printed and text are not just the value.
void EventFields::set_texts(FieldSlot& slot, const Record& record, Arena& arena) {
  if (slot.field.quoted) {
    if (is_word_for_nothing(slot.field.value)) slot.printed = with_quotes(slot.field, record);
    return;
  }
  if (slot.kind != FieldKind::escaped || slot.field.value.size() < 2) return;
  if (decode_hex(slot.field.value, scratch_)) slot.text = arena.copy(scratch_);
}

std::string_view EventFields::document_key(std::string_view key, Arena& arena) {
  if (key.empty()) return kUnkeyed;
  if (is_document_key(key)) return key;
  char* to = arena.allocate(key.size());
  std::transform(key.begin(), key.end(), to, document_key_byte);
  return {to, key.size()};
}

// auditd adds its fields in the order of those they belong to, so a field of the tail belongs to the next of that key;
// only where the orders differ is the search begun again.
void EventFields::read_tail(const Record& record, TypeMemory& memory, RecordFields& out, Arena& arena) {
  split_enriched(record, fields_, &memory.tail_order);
  size_t next = 0;
  size_t looks = kLooksMin + kLooksPerField * fields_.size();  // no text can make this quadratic
  for (const Field& field : fields_) {
    const auto take = [&](size_t from) {
      for (size_t i = from; i < out.slots.size() && looks > 0; ++i, --looks) {
        FieldSlot& slot = out.slots[i];
        const bool same = field.id != Key::other ? slot.key == field.id : same_key(field.key, slot.field.key);
        if (slot.has_tail || !same) continue;
        slot.tail = field.value;
        slot.has_tail = true;
        next = i + 1;
        return true;
      }
      return false;
    };
    if (take(next) || take(0)) continue;
    std::string lower(field.key);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const std::string_view name = document_key(arena.copy(lower), arena);
    tails_alone_.push_back({.record = size_ - 1, .name = name, .name_key = find_key(name), .value = field.value});
  }
}

}  // namespace acta::audit
