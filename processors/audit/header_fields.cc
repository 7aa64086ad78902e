#include "processors/audit/header_fields.h"

#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/check.h"
#include "processors/audit/path.h"
#include "processors/audit/record_types.h"

namespace acta::audit {
namespace {

// Appends a number to bytes that have room for it.
char* write_number(char* at, uint64_t number) {
  return std::to_chars(at, at + 20, number).ptr;
}

// SEC.MMM:SERIAL; at most 46 bytes.
constexpr size_t kStampMax = 46;
char* write_stamp(char* at, const EventKey& key) {
  at = std::to_chars(at, at + 20, key.second).ptr;
  *at++ = '.';
  *at++ = static_cast<char>('0' + key.millisecond / 100 % 10);
  *at++ = static_cast<char>('0' + key.millisecond / 10 % 10);
  *at++ = static_cast<char>('0' + key.millisecond % 10);
  *at++ = ':';
  return write_number(at, key.serial);
}

char* write_text(char* at, std::string_view text) {
  return std::copy(text.begin(), text.end(), at);
}

// The records as they were read, joined by newline.
std::string_view join_records(const EventFields& fields, Arena& arena) {
  size_t size = 0;
  for (size_t i = 0; i < fields.size(); ++i) size += fields[i].record->line.size() + 1;
  char* begin = arena.allocate(size);
  char* at = begin;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) *at++ = '\n';
    at = write_text(at, fields[i].record->line);
  }
  return {begin, static_cast<size_t>(at - begin)};
}

// Of the records as join_records() has them, without a copy: an incomplete event can be as large as all that may be in
// flight.
char* write_hash(char* at, const EventFields& fields) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), &XXH3_freeState);
  CHECK(state != nullptr && XXH3_64bits_reset(state.get()) == XXH_OK);
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::string_view line = fields[i].record->line;
    if (i > 0) XXH3_64bits_update(state.get(), "\n", 1);
    XXH3_64bits_update(state.get(), line.data(), line.size());
  }
  const uint64_t hash = XXH3_64bits_digest(state.get());
  for (int shift = 60; shift >= 0; shift -= 4) *at++ = "0123456789abcdef"[(hash >> shift) & 15];
  return at;
}

std::string_view lower(std::string_view text, Arena& arena) {
  char* to = arena.allocate(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    to[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return {to, text.size()};
}

// Who wrote the record: auditd, a program through libaudit, or the kernel.
std::string_view provider(const Draft& draft) {
  const RecordFields& record = draft.primary_record();
  if (type::is_daemon(record.type())) return "auditd";
  if (!type::is_user(record.type())) return "kernel";
  const std::string_view name = base_name(draft.primary_words(Key::kExe));
  return name.empty() ? "user" : name;
}

}  // namespace

void append_stamp(const EventKey& key, std::string& out) {
  char text[kStampMax];
  out.append(text, write_stamp(text, key));
}

void HeaderFields::write(Draft& draft, bool incomplete) {
  Event& out = *draft.out;
  const EventKey& key = draft.event->key;
  out.set_time(FieldId::kTimestamp, key.time());
  out.set_time(FieldId::kEventCreated, draft.event->read_at);
  out.set_view(FieldId::kEventModule, kModule);
  out.set_view(FieldId::kEventDataset, kAuditDataset);
  out.set_view(FieldId::kEventProvider, provider(draft));
  const auto serial = static_cast<int64_t>(std::min<uint64_t>(key.serial, INT64_MAX));
  out.set(FieldId::kEventSequence, serial);
  out.set(FieldId::kAuditdSequence, serial);
  if (!key.node.empty()) out.set_view(FieldId::kAuditdNode, key.node);
  write_id(draft, incomplete);
  write_types(draft);
  write_tags(draft);
  const FieldSlot* session = draft.primary_slot(Key::kSes);
  if (session != nullptr && !session->absent() && session->text != "4294967295" && session->text != "-1") {
    out.set_view(FieldId::kAuditdSession, session->text);
  }
  const Origin* origin = draft.event->provenance.origin;
  if (origin != nullptr && origin->keep_original) write_original(draft, *origin);
}

// "host:sec.mmm:serial" or "host:node:sec.mmm:serial". Only a complete event has the plain id; what comes apart from it
// says what it is part of.
void HeaderFields::write_id(Draft& draft, bool incomplete) {
  const EventKey& key = draft.event->key;
  Event& out = *draft.out;
  char* begin = out.arena().allocate(host_id_.size() + key.node.size() + kStampMax + 2 + 17);
  char* at = write_text(begin, host_id_);
  *at++ = ':';
  if (!key.node.empty()) {
    at = write_text(at, key.node);
    *at++ = ':';
  }
  at = write_stamp(at, key);
  const std::string_view plain(begin, static_cast<size_t>(at - begin));
  const bool late = draft.event->closed == Closed::late;
  if (late) out.set_view(FieldId::kActabeatPartOf, plain);
  if (late || incomplete) {
    *at++ = '~';
    at = write_hash(at, *draft.fields);
  }
  out.set_view(FieldId::kEventId, {begin, static_cast<size_t>(at - begin)});
}

void HeaderFields::write_types(Draft& draft) {
  Event& out = *draft.out;
  for (size_t i = 0; i < draft.fields->size(); ++i)
    out.add_view(FieldId::kAuditdRecordTypes, (*draft.fields)[i].record->type_name);
  const Record& first = *(*draft.fields)[0].record;
  if (first.type_name.empty()) return;  // a plug-in's line without type=
  out.set_view(FieldId::kEventCode, first.type_name);
  const std::string_view known = type_name(first.type);
  out.set_view(FieldId::kAuditdMessageType, lower(known.empty() ? first.type_name : known, out.arena()));
}

// Rule keys: several in one record are separated by byte 0x01.
void HeaderFields::write_tags(Draft& draft) {
  Event& out = *draft.out;
  for (size_t i = 0; i < draft.fields->size(); ++i) {
    const RecordFields& record = (*draft.fields)[i];
    if (record.type() != type::kSyscall && record.type() != type::kConfigChange && record.type() != type::kUringop)
      continue;
    const FieldSlot* slot = draft.slot_of(record, Key::kKey);
    if (slot == nullptr || slot->absent()) continue;
    std::string_view rest = slot->text;
    while (!rest.empty()) {
      const size_t end = rest.find('\x01');
      const std::string_view key = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
      bool known = key.empty();
      out.each(FieldId::kTags, [&](const Event::Entry& entry) { known = known || entry.value.text() == key; });
      if (!known) out.add_view(FieldId::kTags, key);
    }
  }
}

// The records as they were and where they lay, so that what is told in the order of the log can be told of documents.
// The place is the same whenever they are read: a run's number is not.
void HeaderFields::write_original(Draft& draft, const Origin& origin) {
  const AssembledEvent& event = *draft.event;
  Event& out = *draft.out;
  out.set_view(FieldId::kEventOriginal, join_records(*draft.fields, out.arena()));
  if (origin.fingerprint.empty()) return;
  out.set_view(FieldId::kActabeatFingerprint, origin.fingerprint);
  out.set(FieldId::kActabeatOffset, static_cast<int64_t>(event.provenance.begin.offset));
  if (!event.scattered) return;
  for (const uint64_t offset : event.offsets) out.add(FieldId::kActabeatRecordOffsets, static_cast<int64_t>(offset));
}

}  // namespace acta::audit
