#include <fmt/format.h>
#include <libaudit.h>

#include <algorithm>

#include "report/audit/ausearch.h"
#include "report/audit/scan.h"

namespace acta::report::audit {
namespace {

constexpr char kKeySeparator = '\x01';

bool is_label(std::string_view name) {
  constexpr std::string_view kLabels[] = {"subj", "obj", "scontext", "tcontext", "vm-ctx", "img-ctx"};
  return std::ranges::find(kLabels, name) != std::end(kLabels);
}

/// Gives the fields of a record in the order in which the text is walked.
class FieldWords {
 public:
  FieldWords(AuditLibrary& library, const AuditEvent& event, const AuditRecord& record)
      : library_(library), event_(event), record_(record), fields_(library.fields(event, record)) {}

  /// The words for the next field of that name; asked of the library alone where it split the record differently.
  WordedField next(const std::string& name, std::string_view value) {
    const auto from = fields_.begin() + static_cast<ptrdiff_t>(at_);
    const auto found = std::ranges::find(from, fields_.end(), name, &WordedField::name);
    if (found == fields_.end()) return alone(name, value);
    at_ = static_cast<size_t>(found - fields_.begin()) + 1;
    if (name != "key") return *found;
    // The library makes a field of each key of a rule.
    WordedField keys = *found;
    for (; at_ < fields_.size() && fields_[at_].name == name; ++at_) keys.words += kKeySeparator + fields_[at_].words;
    return keys;
  }

 private:
  WordedField alone(const std::string& name, std::string_view value) {
    const std::string line = fmt::format("type={} msg=audit(1.000:1): {}={}", type_word(record_.type), name, value);
    const AuditRecord record{.type = record_.type, .message = line, .tail = record_.tail};
    for (WordedField& field : library_.fields(event_, record)) {
      if (field.name == name) return std::move(field);
    }
    return {.name = name, .words = std::string(value), .unclassified = true};
  }

  AuditLibrary& library_;
  const AuditEvent& event_;
  const AuditRecord& record_;
  std::vector<WordedField> fields_;
  size_t at_ = 0;
};

/// Where a value ends, and what follows it.
struct Value {
  std::string_view text{};
  std::string_view rest{};
  bool comma = false;  ///< ended by one
};

Value take_value(std::string_view name, std::string_view from) {
  if (from.starts_with('"') || from.starts_with('\'')) {
    const size_t end = from.find(from.front(), 1);
    if (end == std::string_view::npos) return {from};
    return {from.substr(0, end + 1), from.substr(std::min(from.size(), end + 2))};
  }
  const size_t comma = from.find(',');
  const size_t space = from.find(' ');
  if (comma < space && !is_label(name)) return {from.substr(0, comma), from.substr(comma + 1), true};
  if (space == std::string_view::npos) return {from};
  return {from.substr(0, space), from.substr(space + 1)};
}

std::string key_words(std::string_view keys) {
  std::string text;
  for (bool first = true; first || !keys.empty(); first = false) {
    const std::string_view one = keys.substr(0, keys.find(kKeySeparator));
    keys.remove_prefix(std::min(keys.size(), one.size() + 1));
    text.append(first ? "" : " key=").append(one);
  }
  return text + " ";
}

/// The library knows the architecture only of SYSCALL records.
std::string seccomp_call(const AuditRecord& record, std::string_view number) {
  Scan scan(record.message);
  const int machine =
      scan.find(" arch=") ? audit_elf_to_machine(static_cast<unsigned>(to_number(scan.rest(), 16))) : -1;
  const auto call = static_cast<int>(to_number(number, 10));
  const char* const name = machine < 0 ? nullptr : audit_syscall_to_name(call, machine);
  return name == nullptr ? fmt::format("unknown-syscall({})", call) : name;
}

std::string value_words(FieldWords& fields, const AuditRecord& record, std::string_view name, const Value& value,
                        Escape escape) {
  while (name.starts_with(' ') || name.starts_with('(')) name.remove_prefix(1);
  std::string_view text = value.text;
  if (name == "acct" && text.ends_with(':')) text.remove_suffix(1);
  const WordedField field = fields.next(std::string(name), text);
  if (record.type == AUDIT_SECCOMP && name == "syscall") return seccomp_call(record, text) + " ";
  if (field.unclassified) return std::string(text) + (value.comma ? "," : " ");
  if (name == "key") return key_words(field.words);
  if (field.keystrokes) return field.words;
  // What closes msg='…' is a part of the last value, and goes with it where that is shown as it is.
  const bool as_is = text.size() > field.words.size() && text.starts_with(field.words) && !field.words.empty() &&
                     text.find_first_not_of(")'", field.words.size()) == std::string_view::npos;
  return (as_is ? escaped(text, escape) : field.words) + " ";
}

}  // namespace

std::string interpreted_record(AuditLibrary& library, const AuditEvent& event, const AuditRecord& record,
                               Escape escape) {
  const std::string_view message = record.message;
  const size_t stamp = message.find("audit(");
  const size_t end = message.find(')', stamp == std::string_view::npos ? 0 : stamp);
  if (stamp == std::string_view::npos || end == std::string_view::npos) return std::string(message) + "\n";
  std::string text = event.has_node ? "node=" + event.node + " " : "";
  if (const char* type = audit_msg_type_to_name(record.type); type != nullptr) {
    text += fmt::format("type={} msg=audit(", type);
  } else {
    const size_t from = event.has_node ? message.find(' ') + 1 : 0;
    text += message.substr(from, stamp + 6 - from);
  }
  text += fmt::format("{}.{:03}:{}) ", date_and_time(event.second), event.milli, event.serial);
  FieldWords fields(library, event, record);
  std::string_view rest = message.substr(end + 1);
  bool found = false;
  Value value;
  for (size_t equals; (equals = rest.find('=')) != std::string_view::npos;) {
    found = true;
    const std::string_view label = rest.substr(0, equals);
    const size_t space = label.rfind(' ');
    std::string_view name = space == std::string_view::npos ? label : label.substr(space);
    text.append(label).append("=");
    value.comma = false;
    rest.remove_prefix(equals + 1);
    if (name == "msg") continue;
    if (name.starts_with('\'')) name.remove_prefix(1);
    value = take_value(name, rest);
    text += value_words(fields, record, name, value, escape);
    rest = value.rest;
  }
  if (!found || value.comma) text.append(escaped(rest, escape)).append("\n");
  return text + "\n";
}

}  // namespace acta::report::audit
