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
  const std::string_view among = place.words ? "interpreted." : "";
  switch (place.where) {
    case FieldPlace::Where::data:
      return fmt::format("auditd.{}{}", place.words ? among : "data.", place.name);
    case FieldPlace::Where::raw:
      return fmt::format("auditd.raw.{}", place.name);
    case FieldPlace::Where::path:
      return fmt::format("auditd.paths[{}].{}{}", place.item, among, place.name);
    case FieldPlace::Where::execve:
      return fmt::format("auditd.execve[{}].{}{}", place.item, among, place.name);
    case FieldPlace::Where::repeated:
      return fmt::format("auditd.repeated[{}].{}{}", place.item, among, place.name);
    case FieldPlace::Where::left_out:
      break;
  }
  return "-";
}

void Explainer::placed(size_t record, size_t slot, const FieldPlace& place) {
  placed_.push_back({.record = record, .slot = slot, .place = place});
}

void Explainer::tail_placed(size_t record, std::string_view value, const FieldPlace& place) {
  tails_.push_back({.record = record, .value = value.data(), .place = place});
}

void Explainer::append_lines(const EventFields& fields, std::string_view id, std::string& out) {
  std::sort(placed_.begin(), placed_.end(), [](const Placed& a, const Placed& b) {
    return a.record != b.record ? a.record < b.record : a.slot < b.slot;
  });
  const auto line = [&](size_t record, const Field& field, std::string_view printed, const FieldPlace& place) {
    append_column(id, out);
    fmt::format_to(std::back_inserter(out), "\t{}\t", record);
    append_column(fields[record].record->type_name, out);
    out += '\t';
    append_column(field.key, out);
    fmt::format_to(std::back_inserter(out), "\t{}\t", field.occurrence);
    append_json_string(printed, out);
    fmt::format_to(std::back_inserter(out), "\t{}\n", document_path(place));
  };
  size_t at = 0;
  for (size_t record = 0; record < fields.size(); ++record) {
    for (; at < placed_.size() && placed_[at].record == record; ++at) {
      const FieldSlot& slot = fields[record].slots[placed_[at].slot];
      line(record, slot.field, slot.printed, placed_[at].place);
    }
    split_enriched(*fields[record].record, tail_);
    for (const Field& field : tail_) {
      const auto found = std::find_if(tails_.begin(), tails_.end(), [&](const PlacedTail& placed) {
        return placed.record == record && placed.value == field.value.data();
      });
      if (found != tails_.end()) line(record, field, field.value, found->place);
    }
  }
  placed_.clear();
  tails_.clear();
}

}  // namespace acta::audit
