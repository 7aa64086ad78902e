#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/audit_documents.h"
#include "support/golden.h"
#include "support/shared.h"

namespace acta::test {
namespace {

// Without agent.*, which has our version.
std::string without_agent(const std::string& json) {
  const size_t begin = json.find("\"agent\":{");
  const size_t end = json.find("},", begin);
  if (begin == std::string::npos || end == std::string::npos) return json;
  return json.substr(0, begin) + json.substr(end + 2);
}

// Every tests/golden/cases/NAME.log and the documents that it makes, NAME.ndjson. A new pair is found by itself;
// UPDATE_GOLDEN=1 writes the documents.
TEST(AuditCases, DocumentsAreAsRecorded) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(source_path("tests/golden/cases"))) {
    if (entry.path().extension() == ".log") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  ASSERT_GE(names.size(), 10u);
  for (const std::string& name : names) {
    const std::string stem = "tests/golden/cases/" + name;
    std::string documents;
    for (const std::string& json : decode_audit(read_text(source_path(stem + ".log"))).json)
      documents += without_agent(json) + "\n";
    EXPECT_EQ(compare_golden(stem + ".ndjson", documents), "") << name;
  }
}

}  // namespace
}  // namespace acta::test
