#include "processors/audit/event_fields.h"

#include <algorithm>

#include "event/encoder.h"
#include "processors/audit/record_types.h"
#include "processors/audit/splitter.h"

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

bool FieldSlot::absent() const {
  return !field.quoted && (field.value.empty() || is_word_for_nothing(field.value));
}

const FieldSlot* RecordFields::find(Key key) const {
  if (!keys.has(key)) return nullptr;
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

// Takes the fields of a record's body. Where nothing is to be decoded or named otherwise, a slot is complete at once.
class EventFields::SlotList {
 public:
  SlotList(EventFields& owner, Kinds& kinds, RecordFields& out, Arena& arena)
      : owner_(owner), kinds_(kinds), out_(out), arena_(arena) {}

  void add(std::string_view key, std::string_view value, bool quoted, bool in_message, uint16_t occurrence, Key id) {
    FieldSlot& slot = out_.slots.add();
    Field& field = slot.field;
    field.key = slot.name = key;
    field.value = slot.printed = slot.text = value;
    field.quoted = quoted;
    field.in_message = in_message;
    field.occurrence = occurrence;
    field.id = slot.key = slot.name_key = id;
    out_.keys.add(id);
    const uint8_t kind = kinds_[index(id)];
    slot.kind = static_cast<FieldKind>(kind);
    const bool decode = quoted ? is_word_for_nothing(value) : slot.kind == FieldKind::escaped;
    if (kind >= kRenamed || decode) owner_.finish_slot(slot, kinds_, out_, arena_);
  }
  void extend(const char* end) {
    FieldSlot& slot = out_.slots.back();
    const char* begin = slot.field.value.data();
    slot.field.value = slot.printed = slot.text = {begin, static_cast<size_t>(end - begin)};
  }
  [[nodiscard]] size_t size() const { return out_.slots.size(); }
  [[nodiscard]] const Field& field(size_t i) const { return out_.slots[i].field; }
  Field& field(size_t i) { return out_.slots[i].field; }

 private:
  EventFields& owner_;
  Kinds& kinds_;
  RecordFields& out_;
  Arena& arena_;
};

// Takes the fields of an enriched tail. auditd adds its fields in the order of those they belong to, so a field of the
// tail belongs to the next of that key; only where the orders differ is the search begun again.
class EventFields::TailList {
 public:
  TailList(EventFields& owner, FieldSlots& slots, Arena& arena) : owner_(owner), slots_(slots), arena_(arena) {}

  void add(std::string_view key, std::string_view value, bool quoted, bool in_message, uint16_t occurrence, Key id) {
    looks_ += kLooksPerField;
    FieldSlot* slot = find(next_, key, id);
    if (slot == nullptr) slot = find(0, key, id);
    if (slot == nullptr) {
      owner_.add_tail_alone({key, value, quoted, in_message, occurrence, id}, arena_);
      latest_ = &owner_.tails_alone_.back().value;
      return;
    }
    slot->tail = value;
    slot->has_tail = true;
    next_ = static_cast<size_t>(slot - slots_.begin()) + 1;
    latest_ = &slot->tail;
  }
  void extend(const char* end) { *latest_ = {latest_->data(), static_cast<size_t>(end - latest_->data())}; }
  // Nobody asks how often a key came before.
  [[nodiscard]] static size_t size() { return 0; }
  static Field& field(size_t) { std::abort(); }

 private:
  FieldSlot* find(size_t from, std::string_view key, Key id) {
    for (size_t i = from; i < slots_.size() && looks_ > 0; ++i, --looks_) {
      FieldSlot& slot = slots_[i];
      const bool same = id != Key::other ? slot.key == id : same_key(key, slot.field.key);
      if (same && !slot.has_tail) return &slot;
    }
    return nullptr;
  }

  EventFields& owner_;
  FieldSlots& slots_;
  Arena& arena_;
  size_t next_ = 0;
  size_t looks_ = kLooksMin;  // no text can make this quadratic
  std::string_view* latest_ = nullptr;
};

void EventFields::read(const AssembledEvent& event, Arena& arena) {
  size_ = 0;
  tails_alone_.clear();
  if (records_.size() < event.records.size()) records_.resize(event.records.size());
  for (const Record& record : event.records) {
    if (record.type == type::kEoe) continue;
    read_record(record, records_[size_++], arena);
  }
}

void EventFields::read_record(const Record& record, RecordFields& out, Arena& arena) {
  TypeMemory& memory = memory_of(record.type);
  out.record = &record;
  out.renamed = out.distinct = false;
  out.plain = is_plain_but_quotes(record.body) && is_plain_but_quotes(record.enriched);
  out.utf8 = out.plain || (is_utf8(record.body) && is_utf8(record.enriched));
  if (const Shape* shape = memory.shapes.read(record, out.slots)) {
    out.keys = shape->keys();
    out.distinct = shape->distinct();
    for (const uint8_t i : shape->unfinished()) finish_slot(out.slots[i], memory.kinds, out, arena);
    return;
  }
  out.plain = false;  // a value by the grammar can have quotes in it
  const size_t alone = tails_alone_.size();
  split(record, memory, out, arena);
  if (!out.renamed && alone == tails_alone_.size()) memory.shapes.learn(record, out.slots);
}

// By the grammar.
void EventFields::split(const Record& record, TypeMemory& memory, RecordFields& out, Arena& arena) {
  out.slots.clear();
  out.keys.clear();
  SlotList slots(*this, memory.kinds, out, arena);
  Splitter(slots, false).split(record.body);
  if (record.enriched.empty()) return;
  TailList tails(*this, out.slots, arena);
  split_tail(record.enriched, tails);
}

EventFields::TypeMemory& EventFields::memory_of(uint16_t type) {
  auto& memory = types_[std::min<size_t>(type, types_.size() - 1)];
  if (!memory) memory = std::make_unique<TypeMemory>();
  return *memory;
}

// What is not the same for each field of that key.
void EventFields::finish_slot(FieldSlot& slot, Kinds& kinds, RecordFields& out, Arena& arena) {
  const Field& field = slot.field;
  if (!is_document_key(slot.key)) {
    slot.name = document_key(field.key, arena);
    const bool own_name = slot.name.data() == field.key.data();
    slot.name_key = own_name ? slot.key : find_key(slot.name);
    out.renamed = out.renamed || !own_name;
  }
  const uint8_t known = kinds[index(slot.key)];
  slot.kind = known != kUnknownKind ? static_cast<FieldKind>(known & ~kRenamed) : kind_of(out.type(), kinds, field);
  if (field.quoted || slot.kind == FieldKind::escaped) set_texts(slot, *out.record, arena);
}

FieldKind EventFields::kind_of(uint16_t type, Kinds& kinds, const Field& field) const {
  // Of these the kind depends on the value too.
  const bool by_value = field.id == Key::other || field.id == Key::kAcct || type == type::kTrustedApp || type >= 4095;
  if (by_value)
    return field.key.empty() ? FieldKind::text : interpreter_.kind(type, field.key, field.quoted, field.value);
  const FieldKind kind = interpreter_.kind(type, field.key, field.quoted, field.value);
  const uint8_t renamed = is_document_key(field.id) ? 0 : kRenamed;
  kinds[index(field.id)] = static_cast<uint8_t>(static_cast<uint8_t>(kind) | renamed);
  return kind;
}

// Where printed and text are not just the value.
void EventFields::set_texts(FieldSlot& slot, const Record& record, Arena& arena) {
  if (slot.field.quoted) {
    if (is_word_for_nothing(slot.field.value)) slot.printed = with_quotes(slot.field, record);
    return;
  }
  const std::string_view hex = slot.field.value;
  if (hex.size() < 2 || hex[0] == '(') return;  // "(null)"
  char* to = arena.allocate(hex.size() / 2);
  if (read_hex_bytes(hex, to)) slot.text = {to, hex.size() / 2};
}

std::string_view EventFields::document_key(std::string_view key, Arena& arena) {
  if (key.empty()) return kUnkeyed;
  if (is_document_key(key)) return key;
  char* to = arena.allocate(key.size());
  std::transform(key.begin(), key.end(), to, document_key_byte);
  return {to, key.size()};
}

void EventFields::add_tail_alone(const Field& field, Arena& arena) {
  std::string lower(field.key);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const std::string_view name = document_key(arena.copy(lower), arena);
  tails_alone_.push_back({.record = size_ - 1, .name = name, .name_key = find_key(name), .value = field.value});
}

}  // namespace acta::audit
