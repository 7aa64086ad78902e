#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/golden.h"
#include "support/shared.h"
#include "support/test_catalog.h"

namespace acta {
namespace {

constexpr const char* kFile = "tests/data/config_errors.txt";
constexpr std::string_view kCase = "=== ";
constexpr std::string_view kOverride = "-E ";
constexpr std::string_view kErrors = "--- ";

/// A case: "=== what", lines "-E key=value", the YAML, "--- errors", what is said about it.
struct Case {
  std::string title;
  std::vector<std::string> overrides;
  std::string text;
};

std::vector<Case> read_cases() {
  std::ifstream file(test::source_path(kFile), std::ios::binary);
  std::vector<Case> cases;
  bool in_errors = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kCase)) {
      cases.push_back({line.substr(kCase.size()), {}, ""});
      in_errors = false;
    } else if (line.starts_with(kErrors)) {
      in_errors = true;
    } else if (!in_errors && line.starts_with(kOverride)) {
      cases.back().overrides.push_back(line.substr(kOverride.size()));
    } else if (!in_errors) {
      cases.back().text += line + "\n";
    }
  }
  return cases;
}

// Every case of the file is refused with exactly the messages that stand below it.
TEST(ConfigErrors, AreAsWritten) {
  const std::vector<Case> cases = read_cases();
  ASSERT_GT(cases.size(), 40u);
  std::string actual;
  for (const Case& c : cases) {
    actual += std::string(kCase) + c.title + "\n";
    for (const std::string& assignment : c.overrides) actual += std::string(kOverride) + assignment + "\n";
    const auto config = test::parse(c.text, c.overrides, {{"NUMBER", "12"}, {"WORD", "word"}, {"EMPTY", ""}});
    EXPECT_FALSE(config.has_value()) << c.title << " is taken";
    if (config) continue;
    EXPECT_EQ(config.error().code, Errc::config) << c.title;
    actual += c.text + "--- errors\n" + config.error().what + "\n";
  }
  EXPECT_EQ(test::compare_golden(kFile, actual), "");
}

}  // namespace
}  // namespace acta
