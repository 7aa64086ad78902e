#include "report/audit/field_walk.h"

#include <fmt/format.h>
#include <libaudit.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <climits>

#include "report/audit/words.h"

namespace acta::report::audit {
namespace {

// Fields that hold text which may be quoted or in hexadecimal (auparse/typetab.h), as far as they are asked for.
constexpr std::string_view kEscaped[] = {"path",     "comm",     "exe",       "name",    "acct",    "vm",
                                         "old-disk", "new-disk", "old-net",   "new-net", "old-rng", "new-rng",
                                         "cgroup",   "apparmor", "operation", "profile"};

std::string_view trimmed(std::string_view value) {
  for (const char mark : {':', ',', '\''}) {
    if (value.ends_with(mark)) value.remove_suffix(1);
  }
  if (value.ends_with(')') && value != "(none)" && value != "(null)") value.remove_suffix(1);
  return value;
}

bool is_hex(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

unsigned digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a' + 10);
}

std::string from_hex(std::string_view value) {
  const auto* end = std::ranges::find_if_not(value, is_hex);
  const std::string_view digits = value.substr(0, static_cast<size_t>(end - value.begin()));
  if (digits.size() < 2) return std::string(value);
  std::string text;
  for (size_t i = 0; i < digits.size(); i += 2) {
    const char byte = static_cast<char>(digit(digits[i]) << 4 | (i + 1 < digits.size() ? digit(digits[i + 1]) : 0));
    if (byte == '\0') break;
    text.push_back(byte);
  }
  return text;
}

}  // namespace

std::string unquoted(std::string_view value) {
  if (value.starts_with('"')) {
    const size_t end = value.find('"', 1);
    return end == std::string_view::npos ? " " : std::string(value.substr(1, end - 1));
  }
  if (value.starts_with('(')) {
    const size_t end = value.find(')');
    return std::string(end == std::string_view::npos ? value : value.substr(0, end + 1));
  }
  return from_hex(value.starts_with("00") ? value.substr(2) : value);
}

void FieldWalk::restart() {
  enter(0);
}

// The words of a record that have an equals sign, and what an AVC says without one.
void FieldWalk::enter(size_t record) {
  record_ = record;
  field_ = 0;
  fields_.clear();
  if (record >= event_.records.size()) return;
  const bool is_avc = event_.records[record].type == AUDIT_AVC || event_.records[record].type == AUDIT_USER_AVC;
  std::string_view rest = event_.records[record].message;
  permissions_.clear();
  bool within = false;  // the braces of an AVC
  while (!rest.empty()) {
    std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    if (word.empty()) continue;
    const size_t equals = word.find('=');
    if (within || equals == std::string_view::npos) {
      if (word == "}") within = false;
      if (within) permissions_.append(permissions_.empty() ? "" : ",").append(word);
      if (!is_avc || word == "}" || within) continue;
      const bool after_node = !fields_.empty() && fields_.front().name == "node";
      const size_t count = fields_.size() - (after_node ? 1 : 0);
      if (count == 1 && !word.starts_with("avc")) fields_.push_back({"seresult", word});
      if (count == 2 && word == "{") {
        within = true;
        fields_.push_back({"seperms", {}});
      }
      continue;
    }
    if (word.starts_with("msg=a")) continue;
    if (word.starts_with("msg='")) word.remove_prefix(5);
    const size_t at = word.find('=');
    if (at == std::string_view::npos) continue;
    std::string_view name = word.substr(0, at);
    if (name.starts_with('(')) name.remove_prefix(1);
    if (at + 1 == word.size()) continue;
    fields_.push_back({name, trimmed(word.substr(at + 1))});
  }
  for (Field& field : fields_) {
    if (field.name == "seperms") field.value = permissions_;
  }
}

bool FieldWalk::find_from(size_t field, std::string_view name) {
  for (; field < fields_.size(); ++field) {
    if (fields_[field].name != name) continue;
    field_ = field;
    return true;
  }
  return false;
}

std::optional<std::string_view> FieldWalk::find(std::string_view name) {
  if (record_ >= event_.records.size() || fields_.empty()) return std::nullopt;
  if (fields_[field_].name == name) return fields_[field_].value;
  if (field_ + 1 >= fields_.size()) return std::nullopt;
  ++field_;
  while (!find_from(field_, name)) {
    enter(record_ + 1);
    if (record_ >= event_.records.size()) return std::nullopt;
  }
  return fields_[field_].value;
}

void FieldWalk::step() {
  if (field_ + 1 < fields_.size()) ++field_;
}

std::string FieldWalk::words() const {
  if (record_ >= event_.records.size() || fields_.empty()) return {};
  const Field& field = fields_[field_];
  const bool is_id = field.name == "uid" || field.name == "auid" || field.name == "id";
  if (is_id) {
    const std::string_view said = TailWords(event_.records[record_].tail).find(field.name);
    return escaped(said.empty() ? name_of(event_, static_cast<uint32_t>(number())) : unquoted(said), Escape::tty);
  }
  const bool is_whole = std::ranges::all_of(field.value, is_hex) && field.value.size() % 2 == 0;
  if (event_.rebuilt && !field.value.starts_with('"') && !is_whole)  // the quotes were lost with the original
    return escaped(field.value, Escape::tty);
  const bool is_text =
      std::ranges::find(kEscaped, field.name) != std::end(kEscaped) &&
      (field.name != "acct" || field.value.starts_with('"') || std::ranges::all_of(field.value, is_hex));
  return escaped(is_text ? unquoted(field.value) : std::string(field.value), Escape::tty);
}

int FieldWalk::number() const {
  if (record_ >= event_.records.size() || fields_.empty()) return -1;
  std::string_view digits = fields_[field_].value;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  long value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return read.ec == std::errc::result_out_of_range ? -1 : static_cast<int>(value);
}

}  // namespace acta::report::audit
