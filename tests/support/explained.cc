#include "support/explained.h"

#include <gtest/gtest.h>

#include <charconv>
#include <map>
#include <set>

#include "support/audit_lines.h"

namespace acta::test {
namespace {

std::string from_column(std::string_view text) {
  if (!text.starts_with('"')) return std::string(text);
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  EXPECT_FALSE(document.HasParseError()) << text;
  if (document.HasParseError() || !document.IsString()) return {};
  return {document.GetString(), document.GetStringLength()};
}

size_t number(std::string_view text) {
  size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::vector<ExplainedField> read_explained(std::string_view lines) {
  std::vector<ExplainedField> fields;
  for_each_line(lines, [&](std::string_view line) {
    std::vector<std::string_view> parts;
    while (true) {
      const size_t tab = line.find('\t');
      parts.push_back(line.substr(0, tab));
      if (tab == std::string_view::npos) break;
      line.remove_prefix(tab + 1);
    }
    ASSERT_EQ(parts.size(), 7u);
    fields.push_back({.id = from_column(parts[0]),
                      .record = number(parts[1]),
                      .record_type = from_column(parts[2]),
                      .key = from_column(parts[3]),
                      .occurrence = number(parts[4]),
                      .value = from_column(parts[5]),
                      .path = std::string(parts[6])});
  });
  return fields;
}

ExplainCheck check_explained(const AuditDocuments& documents) {
  ExplainCheck check;
  const auto complain = [&](const std::string& what) { check.problems.push_back(what); };
  std::map<std::string, rapidjson::Document> by_id;
  for (auto& document : documents.parsed()) {
    const std::string id = text_at(document, "event.id");
    if (!by_id.emplace(id, std::move(document)).second) complain("two documents have the id " + id);
  }
  std::set<std::string> taken;
  for (const ExplainedField& field : read_explained(documents.explained)) {
    ++check.fields;
    const auto found = by_id.find(field.id);
    if (found == by_id.end()) {
      complain("no document has the id " + field.id);
      continue;
    }
    const rapidjson::Document& document = found->second;
    if (field.path == "-") {
      if (text_at(document, "actabeat.truncated") == "<none>")
        complain(field.id + ": " + field.key + " was left out and it is not said");
      continue;
    }
    if (!taken.insert(field.id + " " + field.path).second) complain("two fields at " + field.path + " of " + field.id);
    const rapidjson::Value* value = at_path(document, field.path);
    const bool right = value != nullptr && value->IsString() &&
                       std::string_view(value->GetString(), value->GetStringLength()) == field.value;
    if (!right)
      complain(field.id + " " + field.path + "\n  printed  " + field.value + "\n  document " +
               text_at(document, field.path));
    const std::string type = text_at(document, "auditd.record_types[" + std::to_string(field.record) + "]");
    if (type != field.record_type) complain(field.id + ": record " + std::to_string(field.record) + " is " + type);
  }
  return check;
}

}  // namespace acta::test
