#include "report/audit/record_reader.h"

#include <libaudit.h>

#include <algorithm>
#include <cctype>

namespace acta::report::audit {
namespace {

constexpr char kKeySeparator = '\x01';  // between several keys of one rule, linux/audit.h
constexpr size_t kPathMax = 4096;

bool is_hex_word(std::string_view word) {
  return std::ranges::all_of(word, [](char byte) { return std::isxdigit(static_cast<unsigned char>(byte)) != 0; });
}

}  // namespace

bool RecordReader::number(uint32_t need, std::string_view key, uint32_t& into, Missing missing, End end) {
  if (!needs(need)) return true;
  if (!scan_.find(key)) return missing == Missing::fine;
  if (end == End::space_or_rest) {
    into = to_id(scan_.up_to_or_rest(' '));
    return true;
  }
  const auto value = scan_.up_to(' ');
  if (value) into = to_id(*value);
  return value.has_value();
}

// "quoted", or hexadecimal digits.
bool RecordReader::text(uint32_t need, std::string_view key, std::optional<std::string>& into, Missing missing) {
  if (!needs(need)) return true;
  if (!scan_.find(key)) return missing == Missing::fine;
  if (!scan_.at('"')) {
    into = unescape(scan_.rest());
    return true;
  }
  scan_.skip(1);
  const auto value = scan_.up_to('"');
  if (value) into = *value;
  return value.has_value();
}

// What programs write: "quoted", hexadecimal digits, or a word as it is.
bool RecordReader::legacy_text(uint32_t need, std::string_view key, std::optional<std::string>& into) {
  if (!needs(need) || !scan_.find(key)) return true;
  if (scan_.at('"')) {
    scan_.skip(1);
    const auto value = scan_.up_to('"');
    if (value) into = *value;
    return value.has_value();
  }
  const std::string_view word = scan_.up_to_or_rest(' ');
  if (word.size() == scan_.rest().size()) scan_.skip(word.size());
  into = is_hex_word(word) ? unescape(word) : std::optional<std::string>(word);
  return true;
}

bool RecordReader::word(uint32_t need, std::string_view key, std::optional<std::string>& into) {
  if (!needs(need) || !scan_.find(key)) return true;
  const auto value = scan_.up_to(' ');
  if (value) into = *value;
  return value.has_value();
}

bool RecordReader::login_of(Missing missing, End end) {
  if (!needs(kNeedLogin)) return true;
  const std::string_view key = message_.find("auid=", scan_.place()) == std::string_view::npos ? "loginuid=" : "auid=";
  return number(kNeedLogin, key, found_.login, missing, end);
}

bool RecordReader::subject(std::string_view key, End end) {
  if (!needs(kNeedSubject) || !scan_.find(key)) return true;
  const auto value = scan_.up_to(' ');
  if (!value && end == End::space) return false;
  found_.access.push_back({.subject = std::string(value ? *value : scan_.rest())});
  return true;
}

void RecordReader::object(std::string_view key) {
  if (!needs(kNeedObject) || !scan_.find(key)) return;
  found_.access.push_back({.object = std::string(scan_.up_to_or_rest(' '))});
}

bool RecordReader::numeric_result() {
  if (!needs(kNeedSuccess) || !scan_.find("res=")) return true;
  found_.success = static_cast<int>(to_id(scan_.up_to_or_rest(' ')));
  return true;
}

// res=failed and anything else.
bool RecordReader::word_result(size_t from) {
  scan_.go(from);
  if (!needs(kNeedSuccess) || !scan_.find("res=")) return true;
  const std::string_view value = scan_.rest();
  if (value.empty() || std::isalpha(static_cast<unsigned char>(value.front())) == 0) return false;
  found_.success = value.starts_with("failed") ? Extracted::kFailed : Extracted::kSucceeded;
  return true;
}

bool RecordReader::key_list() {
  if (!needs(kNeedKeys) || !scan_.find("key=")) return true;
  found_.has_keys = true;
  if (scan_.at('"')) {
    scan_.skip(1);
    const auto value = scan_.up_to('"');
    if (value) found_.keys.emplace_back(*value);
    return value.has_value();
  }
  const auto keys = unescape(scan_.rest());
  if (!keys) return false;
  std::string_view left = *keys;
  while (!left.empty()) {
    const std::string_view one = left.substr(0, left.find(kKeySeparator));
    if (!one.empty()) found_.keys.emplace_back(one);
    left.remove_prefix(std::min(left.size(), one.size() + 1));
  }
  return true;
}

// A relative name that begins with a dot is one below the working directory.
bool RecordReader::add_file(std::string_view value) {
  found_.has_files = true;
  std::optional<std::string> name;
  if (value.starts_with('"')) {
    const size_t end = value.find('"', 1);
    if (end == std::string_view::npos) return false;
    name = value.substr(1, end - 1);
  } else if (value.starts_with("(null)")) {
    found_.files.push_back({.name = "(null)"});
    return true;
  } else {
    if (value.empty() || std::isxdigit(static_cast<unsigned char>(value.front())) == 0) return false;
    const bool abstract = value.starts_with("00");
    if (!abstract && value.find(' ') == std::string_view::npos) return false;
    name = unescape(abstract ? value.substr(2) : value);
    if (!name) return false;
  }
  if ((name->starts_with("..") || name->starts_with("./")) && found_.directory) {
    name = (*found_.directory + "/" + *name).substr(0, kPathMax - 1);
  }
  found_.files.push_back({.name = std::move(*name)});
  return true;
}

bool RecordReader::file_after(std::string_view key, Missing missing) {
  if (!needs(kNeedFiles)) return true;
  if (!scan_.find(key)) return missing == Missing::fine;
  return add_file(scan_.rest());
}

}  // namespace acta::report::audit
