#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "support/audit_documents.h"
#include "support/shared.h"

namespace acta::test {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Values of a field in a document, joined by newlines; of auditd.paths.K in any PATH record.
std::string values_of(const rapidjson::Value& document, const std::string& field) {
  std::string found;
  const std::string prefix = "auditd.paths.";
  if (!field.starts_with(prefix)) {
    const rapidjson::Value* value = at_path(document, field);
    if (value == nullptr) return found;
    if (value->IsString()) return lower(value->GetString());
    for (const auto& item : value->GetArray()) found += lower(item.GetString()) + "\n";
    return found;
  }
  const rapidjson::Value* paths = at_path(document, "auditd.paths");
  if (paths == nullptr) return found;
  for (const auto& item : paths->GetArray()) {
    const auto member = item.FindMember(field.substr(prefix.size()).c_str());
    if (member != item.MemberEnd()) found += lower(member->value.GetString()) + "\n";
  }
  return found;
}

// The events that detection rules must find have the values that the rules look for. Those of a parent process need a
// process table.
TEST(Detection, WitnessFieldsAreInTheDocuments) {
  SKIP_WITHOUT_SHARED(shared);
  std::map<std::string, rapidjson::Document> by_key;
  for (auto& document : decode_audit(read_text(*shared + "/golden/detection/sigma_witness_audit.log")).parsed()) {
    const std::string id = text_at(document, "event.id");
    by_key[id.substr(id.find(':') + 1)] = std::move(document);
  }
  EXPECT_EQ(by_key.size(), 163u);
  rapidjson::Document expected;
  expected.Parse(read_text(*shared + "/golden/detection/sigma_witness_expected.json").c_str());
  ASSERT_TRUE(expected.IsArray());
  size_t checked = 0;
  for (const auto& rule : expected.GetArray()) {
    for (const auto& key : rule["must_fire_on"].GetArray()) {
      const auto found = by_key.find(key.GetString());
      ASSERT_NE(found, by_key.end()) << key.GetString();
      for (const auto& field : rule["witness_fields"].GetObject()) {
        const std::string name = field.name.GetString();
        if (name.starts_with("process.parent.")) continue;
        const std::string ours = values_of(found->second, name);
        const auto check = [&](const rapidjson::Value& value) {
          ++checked;
          const std::string wanted = lower(value.IsString() ? value.GetString() : std::to_string(value.GetInt64()));
          EXPECT_NE(ours.find(wanted), std::string::npos) << rule["title"].GetString() << " " << key.GetString() << " "
                                                          << name << ": " << wanted << "\nours " << ours;
        };
        if (field.value.IsArray()) {
          for (const auto& value : field.value.GetArray()) check(value);
        } else {
          check(field.value);
        }
      }
    }
  }
  EXPECT_GE(checked, 145u);
}

}  // namespace
}  // namespace acta::test
