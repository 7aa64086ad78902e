#include "processors/audit/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "event/encoder.h"

namespace acta::audit {

namespace {

// A column of plain text as it is, any other as a JSON string.
void append_column(std::string_view text, std::string& out) {
  bool plain = !text.empty() && text[0] != '"';
  for (const char c : text) plain = plain && c >= ' ' && c <= '~';
  if (plain) {
    out += text;
  } else {
    append_json_string(text, out);
  }
}

}  // namespace

std::string document_path(const FieldPlace& place) {
  switch (place.where) {
    case FieldPlace::Where::data:
      return fmt::format("auditd.data.{}", place.name);
    case FieldPlace::Where::raw:
      return fmt::format("auditd.raw.{}", place.name);
    case FieldPlace::Where::path:
      return fmt::format("auditd.paths[{}].{}", place.item, place.name);
    case FieldPlace::Where::execve:
      return fmt::format("auditd.execve[{}].{}", place.item, place.name);
    case FieldPlace::Where::repeated:
      return fmt::format("auditd.repeated[{}].{}", place.item, place.name);
    case FieldPlace::Where::left_out:
      break;
  }
  return "-";
}

void Explainer::placed(size_t record, size_t slot, const FieldPlace& place) {
  placed_.push_back({.record = record, .slot = slot, .place = place});
}

void Explainer::append_lines(const EventFields& fields, std::string_view id, std::string& out) {
  std::sort(placed_.begin(), placed_.end(), [](const Placed& a, const Placed& b) {
    return a.record != b.record ? a.record < b.record : a.slot < b.slot;
  });
  for (const Placed& placed : placed_) {
    const RecordFields& record = fields[placed.record];
    const FieldSlot& slot = record.slots[placed.slot];
    append_column(id, out);
    fmt::format_to(std::back_inserter(out), "\t{}\t", placed.record);
    append_column(record.record->type_name, out);
    out += '\t';
    append_column(slot.field.key, out);
    fmt::format_to(std::back_inserter(out), "\t{}\t", slot.field.occurrence);
    append_json_string(slot.printed, out);
    fmt::format_to(std::back_inserter(out), "\t{}\n", document_path(placed.place));
  }
  placed_.clear();
}

}  // namespace acta::audit
