#include <gtest/gtest.h>

#include "report/arguments.h"
#include "report/common_options.h"

namespace acta::report {
namespace {

class ReportArguments : public testing::Test {
 protected:
  Result<std::vector<std::string>> read(std::vector<std::string> words, Letters letters = Letters::alone) {
    auto options = common_options(common_);
    options.push_back(flag_option({"-m", "--print-users"}, "m", m_));
    options.push_back(flag_option({"-c"}, "c", c_));
    options.push_back(text_option({"-u", "--user"}, "NAME", "u", user_));
    options.push_back(format_option(common_));
    Arguments arguments(std::move(words));
    return read_arguments(arguments, options, letters);
  }

  CommonOptions common_;
  bool m_ = false, c_ = false;
  std::string user_;
};

TEST_F(ReportArguments, FromTakesWordsUpToTheNextOption) {
  const auto operands = read({"--from", "a.ndjson", "-", "-m", "ls", "--from=b.ndjson", "--", "cat", "-m"});
  ASSERT_TRUE(operands) << operands.error().what;
  EXPECT_EQ(common_.from, (std::vector<std::string>{"a.ndjson", "-", "b.ndjson"}));
  EXPECT_EQ(*operands, (std::vector<std::string>{"ls", "cat", "-m"}));
  EXPECT_TRUE(m_);
}

TEST_F(ReportArguments, LettersStandTogetherWhereTheToolHasItSo) {
  ASSERT_TRUE(read({"-mc"}, Letters::together));
  EXPECT_TRUE(m_ && c_);
  ASSERT_TRUE(read({"-mualice"}, Letters::together));
  EXPECT_EQ(user_, "alice");
  EXPECT_FALSE(read({"-mc"}));
  EXPECT_FALSE(read({"-mx"}, Letters::together));
}

TEST_F(ReportArguments, MistakesAreNamed) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"--pritn-users"}, "there is no option '--pritn-users'; did you mean '--print-users'?"},
      {{"--user"}, "option '--user' needs a value"},
      {{"--from"}, "option '--from' needs a value"},
      {{"--compat", "5"}, "--compat is 3 or 4, not '5'"},
      {{"--by", "user"}, "--by takes host, not 'user'"},
      {{"--format", "xml"}, "--format is text or json, not 'xml'"},
      {{"--from", "x.ndjson", "--from", "elasticsearch"},
       "--from takes files or elasticsearch, not both; a file of that name is ./elasticsearch"}};
  for (const auto& [words, message] : cases) {
    const auto operands = read(words);
    ASSERT_FALSE(operands) << message;
    EXPECT_EQ(operands.error().what, message);
  }
}

TEST_F(ReportArguments, AZoneThatIsNotThereIsAMistake) {
  CommonOptions options;
  options.tz = "Europe/Berlinn";
  EXPECT_FALSE(use_zone(options));
}

}  // namespace
}  // namespace acta::report
