#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "support/shared.h"
#include "support/temp_dir.h"

// The examples that readers are told to copy do compile.
namespace acta {
namespace {

std::string example_of(const std::string& page) {
  std::ifstream in(test::source_path(page));
  std::stringstream text;
  text << in.rdbuf();
  const std::string all = text.str();
  const size_t begin = all.find("```cpp\n");
  if (begin == std::string::npos) return {};
  return all.substr(begin + 7, all.find("```", begin + 7) - begin - 7);
}

class ReadmeExample : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Pages, ReadmeExample, ::testing::Values("inputs/README.md", "outputs/README.md"));

TEST_P(ReadmeExample, Compiles) {
  const std::string example = example_of(GetParam());
  ASSERT_NE(example.find("Register<"), std::string::npos) << "no example";
  const test::TempDir dir;
  const std::string file = dir.write("example.cc", example);
  if (std::system("c++ --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "LOUD SKIP: no compiler called c++ here";
  const std::string command = "c++ -std=c++20 -fsyntax-only -Wall -Wextra -Werror -I" + test::source_path("") + " -I" +
                              test::source_path("src") + " " + file + " 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

}  // namespace
}  // namespace acta
