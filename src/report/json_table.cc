#include "report/json_table.h"

#include <rapidjson/document.h>

#include <algorithm>

namespace acta::report {
namespace {

std::string word(const rapidjson::Value& value) {
  if (value.IsString()) return {value.GetString(), value.GetStringLength()};
  if (value.IsBool()) return value.GetBool() ? "yes" : "no";
  if (value.IsUint64()) return std::to_string(value.GetUint64());
  if (value.IsInt64()) return std::to_string(value.GetInt64());
  return {};
}

}  // namespace

void JsonTable::take(std::string_view lines) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    take_line(line);
  }
}

void JsonTable::take_line(std::string_view line) {
  rapidjson::Document object;
  // Numbers as they are printed.
  object.Parse<rapidjson::kParseNumbersAsStringsFlag>(line.data(), line.size());
  if (object.HasParseError() || !object.IsObject()) return;
  ++count_;
  if (keep_ == Keep::first && rows_.size() >= most_) return;
  if (keep_ == Keep::last && rows_.size() >= most_) rows_.pop_front();
  std::vector<std::string>& row = rows_.emplace_back();
  size_t skip = skip_;
  for (const auto& member : object.GetObject()) {
    if (skip > 0) {
      --skip;
    } else {
      if (count_ == 1) names_.emplace_back(member.name.GetString(), member.name.GetStringLength());
      row.push_back(word(member.value));
    }
  }
}

}  // namespace acta::report
