#include "report/reversed_lines.h"

#include <gtest/gtest.h>

#include <vector>

namespace acta::report {
namespace {

TEST(ReversedLines, GivesTheLastFirst) {
  ReversedLines lines;
  for (const char* line : {"a\n", "", "b\nc", "d"}) lines.add(line);
  std::vector<std::string> given;
  ASSERT_TRUE(lines.each([&](std::string_view line) { given.emplace_back(line); }));
  EXPECT_EQ(given, (std::vector<std::string>{"d", "b\nc", "", "a\n"}));
}

TEST(ReversedLines, KeepsWhatDoesNotFitIntoMemoryInFiles) {
  constexpr size_t kLines = 200'000;  // three times what is held in memory
  ReversedLines lines;
  for (size_t i = 0; i < kLines; ++i) lines.add(std::to_string(i) + std::string(i % 500, 'x'));
  size_t next = kLines;
  ASSERT_TRUE(lines.each([&](std::string_view line) {
    --next;
    EXPECT_EQ(line, std::to_string(next) + std::string(next % 500, 'x'));
  }));
  EXPECT_EQ(next, 0u);
}

}  // namespace
}  // namespace acta::report
