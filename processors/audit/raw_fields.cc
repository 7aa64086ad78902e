#include "processors/audit/raw_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <numeric>

#include "event/encoder.h"
#include "processors/audit/id_names.h"
#include "processors/audit/process_fields.h"
#include "processors/audit/record_types.h"
#include "processors/audit/words.h"

namespace acta::audit {
namespace {

constexpr std::string_view kInterpreted = "interpreted";
constexpr std::string_view kSocket = "socket";
constexpr std::string_view kBytes = "bytes";
constexpr std::string_view kRecordType = "record_type";
constexpr std::string_view kRecord = "record";

// Keys of list items that are not fields of the record.
bool is_reserved(const FieldSlot& slot) {
  if (slot.name_key != Key::other) return false;
  const std::string_view name = slot.name;
  return name == kInterpreted || name == kBytes || name == kRecordType || name == kRecord;
}

bool is_execve_argument(std::string_view key) {
  return key.size() > 1 && key[0] == 'a' && key[1] >= '0' && key[1] <= '9';
}

// Neither the enriched tail nor its kind has words for it.
bool is_wordless(const FieldSlot& slot) {
  return slot.kind == FieldKind::text && !slot.has_tail;
}

bool has_empty_tail(const FieldSlot& slot) {
  return slot.has_tail && slot.tail.empty();
}

MemberKey member_key(const FieldSlot& slot) {
  return {slot.name, key_json(slot.name_key)};
}

// As printed. In its quotes it is not plain.
Value printed_value(const RecordFields& record, const FieldSlot& slot) {
  return Value(slot.printed, record.plain && slot.printed.data() == slot.field.value.data());
}

constexpr KeySet kSpecial{Key::kSyscall, Key::kArch, Key::kExit};

std::string_view decimal(uint64_t number, Arena& arena) {
  char text[20];
  const char* end = std::to_chars(text, text + sizeof text, number).ptr;
  return arena.copy({text, static_cast<size_t>(end - text)});
}

}  // namespace

void RawFields::write(Draft& draft, size_t args_bytes_max, FieldObserver* observer) {
  draft_ = &draft;
  observer_ = observer;
  args_bytes_left_ = args_bytes_max;
  args_left_out_ = 0;
  repeated_ = 0;
  repeated_fields_.clear();
  data_.clear();
  own_.clear();
  types_.clear();
  names_of_types_.clear();
  context_ = {.record_type = 0, .arch = draft.arch, .syscall = draft.syscall};
  if (draft.syscall_record >= 0) {
    const RecordFields& record = draft.record(draft.syscall_record);
    if (const FieldSlot* slot = record.find(Key::kA0)) context_.a0 = read_hex(slot->text).value_or(0);
    if (const FieldSlot* slot = record.find(Key::kA1)) context_.a1 = read_hex(slot->text).value_or(0);
  }
  uint32_t paths = 0;
  uint32_t execves = 0;
  if (draft.syscall_record >= 0) write_data_record(static_cast<size_t>(draft.syscall_record));
  for (size_t i = 0; i < draft.fields->size(); ++i) {
    if (static_cast<int>(i) == draft.syscall_record) continue;
    switch ((*draft.fields)[i].type()) {
      case type::kPath:
        paths += write_list_record(FieldId::kAuditdPaths, FieldPlace::Where::path, paths, i);
        break;
      case type::kExecve:
        execves += write_list_record(FieldId::kAuditdExecve, FieldPlace::Where::execve, execves, i);
        break;
      default:
        write_data_record(i);
    }
  }
  for (const TailField& tail : draft.fields->tails_alone()) write_tail_alone(tail);
  if (args_left_out_ > 0) {
    Event& out = *draft.out;
    out.add(FieldId::kActabeatTruncated,
            fmt::format("auditd.execve: {} arguments beyond {} bytes", args_left_out_, args_bytes_max));
  }
}

void RawFields::tell(size_t record, const FieldSlot& slot, FieldPlace place, std::string_view special) const {
  observer_->placed(record, static_cast<size_t>(&slot - (*draft_->fields)[record].slots.begin()), place);
  if (!slot.has_tail) return;
  if (place.where == FieldPlace::Where::raw) place.where = FieldPlace::Where::data;
  place.words = special.empty() || slot.tail != special;
  observer_->tail_placed(record, slot.tail, place);
}

// A known key that goes by its name, with nothing special to it: most of all.
[[gnu::always_inline]] inline void RawFields::write_plain_field(const RecordFields& fields, const FieldSlot& slot) {
  Event& out = *draft_->out;
  draft_->data[index(slot.key)] = &slot;
  const MemberKey key = member_key(slot);
  out.put(FieldId::kAuditdData, key, printed_value(fields, slot));
  if (slot.has_tail) {
    out.put(FieldId::kAuditdInterpreted, key, Value(slot.tail, fields.plain));
  } else if (slot.kind != FieldKind::text) {
    const std::string_view words = words_for(fields, slot, slot.printed);
    if (!words.empty()) out.put(FieldId::kAuditdInterpreted, key, words);
  }
}

void RawFields::write_data_record(size_t record) {
  const RecordFields& fields = (*draft_->fields)[record];
  const bool seen = has_seen_type(*fields.record);
  if (!seen && fields.distinct && data_.claim(fields.keys)) {
    for (const FieldSlot& slot : fields.slots) {
      if (kSpecial.has(slot.key) || observer_ != nullptr || !fields.utf8) [[unlikely]] {
        write_data_field(record, slot);
      } else {
        write_plain_field(fields, slot);
      }
    }
    return;
  }
  overflow_.clear();
  if (fields.renamed) own_.next_space();
  for (uint32_t i = 0; i < fields.slots.size(); ++i) {
    const FieldSlot& slot = fields.slots[i];
    const uint32_t occurrence = occurrence_of(fields, slot);
    if (!seen && occurrence == 0 && data_.claim(slot.name_key, slot.name) == 0) {
      write_data_field(record, slot);
    } else {
      overflow_.push_back({.occurrence = occurrence, .slot = i});
      if (occurrence == 0) repeated_fields_.push_back({.record = record, .slot = &slot});
    }
  }
  if (!overflow_.empty()) write_overflow(FieldId::kAuditdRepeated, record);
}

// Returns how many items it wrote: none for a record without fields, so that items stay without gaps.
uint32_t RawFields::write_list_record(FieldId list, FieldPlace::Where where, uint32_t item, size_t record) {
  const RecordFields& fields = (*draft_->fields)[record];
  if (fields.distinct && where == FieldPlace::Where::path && observer_ == nullptr) {
    slots_.resize(fields.slots.size());
    std::iota(slots_.begin(), slots_.end(), 0);
    write_item(list, item, record);
    return 1;
  }
  overflow_.clear();
  slots_.clear();
  if (fields.renamed) own_.next_space();
  for (uint32_t i = 0; i < fields.slots.size(); ++i) {
    const FieldSlot& slot = fields.slots[i];
    const uint32_t occurrence = occurrence_of(fields, slot);
    if (where == FieldPlace::Where::execve && leave_out(slot)) {
      saw(record, slot, {.where = FieldPlace::Where::left_out, .item = 0, .name = slot.name});
    } else if (occurrence > 0 || is_reserved(slot)) {
      overflow_.push_back({.occurrence = occurrence, .slot = i});
    } else {
      slots_.push_back(i);
      saw(record, slot, {.where = where, .item = item, .name = slot.name});
    }
  }
  const uint32_t written = slots_.empty() ? 0 : 1;
  write_item(list, item, record);
  if (!overflow_.empty()) write_overflow(FieldId::kAuditdRepeated, record);
  return written;
}

// Whether auditd.data has fields of a record of that type already. An event has few types: a look at each is the
// fastest.
bool RawFields::has_seen_type(const Record& record) {
  if (record.type == 0) return names_of_types_.claim(Key::other, record.type_name) > 0;
  if (std::find(types_.begin(), types_.end(), record.type) != types_.end()) return true;
  types_.push_back(record.type);
  return false;
}

// How many fields of the record before this one have its name.
uint32_t RawFields::occurrence_of(const RecordFields& record, const FieldSlot& slot) {
  return record.renamed ? own_.claim(slot.name_key, slot.name) : slot.field.occurrence;
}

// Arguments of a call are bounded together, whatever the number of records they come in.
bool RawFields::leave_out(const FieldSlot& slot) {
  if (!is_execve_argument(slot.field.key)) return false;
  if (slot.printed.size() <= args_bytes_left_) {
    args_bytes_left_ -= slot.printed.size();
    return false;
  }
  args_bytes_left_ = 0;  // no smaller one after it: what is there is the beginning
  ++args_left_out_;
  return true;
}

void RawFields::write_data_field(size_t record, const FieldSlot& slot) {
  Event& out = *draft_->out;
  if (slot.key != Key::other) draft_->data[index(slot.key)] = &slot;
  std::string_view value = slot.printed;
  // auditd.data.socket is an object of ours: text there would be refused by an index that has it mapped.
  const bool is_socket = slot.key == Key::other && slot.name == kSocket;
  const MemberKey key = is_socket ? MemberKey(marked_name(slot)) : member_key(slot);
  FieldPlace::Where where = FieldPlace::Where::data;
  const bool may_be_special = slot.key == Key::kSyscall || slot.key == Key::kArch || slot.key == Key::kExit;
  if (const std::string_view special = may_be_special ? special_value(slot) : std::string_view{}; !special.empty()) {
    out.put(FieldId::kAuditdRaw, key, slot.printed);
    value = special;
    where = FieldPlace::Where::raw;  // as printed it stands there
  }
  saw(record, slot, {.where = where, .item = 0, .name = key.text},
      where == FieldPlace::Where::raw ? value : std::string_view{});
  out.put(FieldId::kAuditdData, key, value);
  const RecordFields& fields = (*draft_->fields)[record];
  if (!is_wordless(slot)) {
    const std::string_view words = words_for(fields, slot, value);
    if (!words.empty() || has_empty_tail(slot)) out.put(FieldId::kAuditdInterpreted, key, words);
  }
  if (fields.utf8) return;
  if (const std::string_view bytes = bytes_of(slot); !bytes.empty()) out.put(FieldId::kAuditdBytes, key, bytes);
}

// What auditd.data has instead of a field as printed; empty: the field as printed.
std::string_view RawFields::special_value(const FieldSlot& slot) const {
  std::string_view value;
  switch (slot.key) {
    case Key::kSyscall:
      if (draft_->syscall >= 0 && same_text(slot.text, draft_->syscall_printed))
        value = syscall_name(draft_->arch, draft_->syscall);
      break;
    case Key::kArch:
      if (same_text(slot.text, draft_->arch_printed)) value = arch_name(draft_->arch);
      break;
    case Key::kExit:
      if (int number = 0; slot.text.starts_with('-') &&
                          std::from_chars(slot.text.data() + 1, slot.text.data() + slot.text.size(), number).ptr ==
                              slot.text.data() + slot.text.size()) {
        value = errno_name(number);
      }
      break;
    default:
      return {};
  }
  return value.empty() ? slot.printed : value;
}

void RawFields::write_overflow(FieldId list, size_t record) {
  const RecordFields& fields = (*draft_->fields)[record];
  Event& out = *draft_->out;
  std::stable_sort(overflow_.begin(), overflow_.end(),
                   [](const Overflow& a, const Overflow& b) { return a.occurrence < b.occurrence; });
  const std::string_view number = decimal(record, out.arena());
  for (size_t i = 0; i < overflow_.size();) {
    const uint32_t occurrence = overflow_[i].occurrence;
    slots_.clear();
    for (; i < overflow_.size() && overflow_[i].occurrence == occurrence; ++i) {
      const FieldSlot& slot = fields.slots[overflow_[i].slot];
      slots_.push_back(overflow_[i].slot);
      saw(record, slot, {.where = FieldPlace::Where::repeated, .item = repeated_, .name = item_name(slot)});
    }
    out.put_in(list, repeated_, kRecordType, fields.record->type_name);
    out.put_in(list, repeated_, kRecord, number);
    write_item(list, repeated_, record);
    ++repeated_;
  }
}

// Keys of ours keep their names; a field of such a name gets a byte that no field's name can have.
std::string_view RawFields::item_name(const FieldSlot& slot) const {
  return is_reserved(slot) ? marked_name(slot) : slot.name;
}

std::string_view RawFields::marked_name(const FieldSlot& slot) const {
  Arena& arena = draft_->out->arena();
  char* to = arena.allocate(slot.name.size() + 1);
  std::copy(slot.name.begin(), slot.name.end(), to);
  to[slot.name.size()] = '-';
  return {to, slot.name.size() + 1};
}

MemberKey RawFields::item_key(const FieldSlot& slot) const {
  return slot.name_key != Key::other ? member_key(slot) : MemberKey(item_name(slot));
}

void RawFields::write_item(FieldId list, uint32_t item, size_t record) {
  const RecordFields& fields = (*draft_->fields)[record];
  Event& out = *draft_->out;
  for (const uint32_t i : slots_) {
    const FieldSlot& slot = fields.slots[i];
    out.put_in(list, item, item_key(slot), printed_value(fields, slot));
  }
  for (const uint32_t i : slots_) {
    const FieldSlot& slot = fields.slots[i];
    if (is_wordless(slot)) continue;
    const std::string_view words = words_for(fields, slot, slot.printed);
    if (!words.empty() || has_empty_tail(slot)) out.put_in(list, item, item_key(slot), words, kInterpreted);
  }
  if (fields.utf8) return;
  for (const uint32_t i : slots_) {
    const FieldSlot& slot = fields.slots[i];
    const std::string_view bytes = bytes_of(slot);
    if (!bytes.empty()) out.put_in(list, item, item_key(slot), bytes, kBytes);
  }
}

// No field with words can have its path: it is written after all of them.
void RawFields::write_tail_alone(const TailField& tail) {
  Event& out = *draft_->out;
  const Record& record = *(*draft_->fields)[tail.record].record;
  const std::string_view bytes = is_utf8(tail.value) ? std::string_view{} : hex_of(tail.value);
  FieldPlace place{.words = true, .name = tail.name};
  if (data_.claim(tail.name_key, tail.name) == 0) {
    out.put(FieldId::kAuditdInterpreted, tail.name, tail.value);
    if (!bytes.empty()) out.put(FieldId::kAuditdBytes, tail.name, bytes);
  } else {
    place.where = FieldPlace::Where::repeated;
    place.item = repeated_;
    out.put_in(FieldId::kAuditdRepeated, repeated_, kRecordType, record.type_name);
    out.put_in(FieldId::kAuditdRepeated, repeated_, kRecord, decimal(tail.record, out.arena()));
    out.put_in(FieldId::kAuditdRepeated, repeated_, tail.name, tail.value, kInterpreted);
    if (!bytes.empty()) out.put_in(FieldId::kAuditdRepeated, repeated_, tail.name, bytes, kBytes);
    ++repeated_;
  }
  if (observer_ != nullptr) observer_->tail_placed(tail.record, tail.value, place);
}

// The words for a field, when they are others than those `beside` them. Those of an enriched tail always, but for the
// names that auditd.data has already: each field has a place.
std::string_view RawFields::words_for(const RecordFields& record, const FieldSlot& slot, std::string_view beside) {
  if (slot.has_tail)
    return beside.data() != slot.printed.data() && same_text(slot.tail, beside) ? std::string_view{} : slot.tail;
  std::string_view words;
  switch (slot.kind) {
    case FieldKind::text:
      return {};
    case FieldKind::escaped:
      words = slot.decoded() ? readable(slot) : std::string_view{};
      break;
    case FieldKind::uid:
    case FieldKind::gid:
      words = names_.words(slot, slot.kind == FieldKind::gid);
      break;
    case FieldKind::typed:
      words = typed_words(record, slot);
      break;
  }
  return same_text(words, beside) ? std::string_view{} : words;
}

std::string_view RawFields::typed_words(const RecordFields& record, const FieldSlot& slot) {
  switch (slot.key) {
    case Key::kSyscall:
    case Key::kArch:
      return {};  // auditd.data has the name
    case Key::kSes:
      return is_unset_id(slot.text) ? "unset" : std::string_view{};
    case Key::kExit:
      if (!slot.text.starts_with('-')) return {};
      break;
    case Key::kA0:
    case Key::kA1:
    case Key::kA2:
    case Key::kA3:
      if (record.type() == type::kSyscall) return argument_words(slot);
      break;
    default:
      break;
  }
  if (slot.absent()) return {};
  context_.record_type = record.type();
  if (record.type() == type::kPath && slot.text.size() <= sizeof(uint64_t) && slot.key != Key::other)
    return path_words(slot);
  return draft_->out->arena().copy(interpreter_.words(context_, slot.field.key, slot.text));
}

// Modes and capabilities of PATH records are few and rest on nothing but their text: remembered by it.
std::string_view RawFields::path_words(const FieldSlot& slot) {
  const Words text = words_of(slot.text);
  const uint64_t hash = (text.first + (text.last << 1) + index(slot.key)) * 0x9E3779B97F4A7C15;
  PathWords& known = path_words_[static_cast<size_t>(hash >> (64 - kPathWordsBits))];
  if (known.key != slot.key || known.size != slot.text.size() || known.text != text) {
    known = {.key = slot.key,
             .size = static_cast<uint8_t>(slot.text.size()),
             .text = text,
             .words = std::string(interpreter_.words(context_, slot.field.key, slot.text))};
  }
  return draft_->out->arena().copy(known.words);
}

// An argument (a0 to a3) of a system call: an id by its name here, most others by libauparse.
std::string_view RawFields::argument_words(const FieldSlot& slot) {
  context_.record_type = type::kSyscall;
  const auto argument = static_cast<unsigned>(index(slot.key) - index(Key::kA0));
  const FieldKind kind = interpreter_.argument_kind(context_, argument);
  if (kind == FieldKind::text) return {};
  Arena& arena = draft_->out->arena();
  if (kind == FieldKind::typed) return arena.copy(interpreter_.argument_words(context_, argument, slot.text));
  const auto id = read_hex(slot.text);
  if (!id) return {};
  const auto number = static_cast<uint32_t>(*id);  // ids are the low 32 bits of a register
  return number == UINT32_MAX ? "unset" : names_.name_of(number, kind == FieldKind::gid);
}

// Decoded text as libauparse shows it: the bytes between its parts as spaces.
std::string_view RawFields::readable(const FieldSlot& slot) {
  char separator = 0;
  if (slot.key == Key::kProctitle) {
    separator = '\0';
  } else if (slot.key == Key::kKey) {
    separator = '\x01';
  } else {
    return slot.text;
  }
  if (slot.text.find(separator) == std::string_view::npos) return slot.text;
  return with_spaces(slot.text, separator, draft_->out->arena());
}

// Bytes that are not UTF-8, of the field or else of what the tail says of it.
std::string_view RawFields::bytes_of(const FieldSlot& slot) {
  if (!is_utf8(slot.printed)) return hex_of(slot.printed);
  return slot.has_tail && !is_utf8(slot.tail) ? hex_of(slot.tail) : std::string_view{};
}

std::string_view RawFields::hex_of(std::string_view bytes) {
  char* to = draft_->out->arena().allocate(2 * bytes.size());
  write_hex(bytes, to);
  return {to, 2 * bytes.size()};
}

}  // namespace acta::audit
