#include "base/log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/log_line.h"
#include "base/repeats.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

using log::format_line;
using log::Level;
using log::Style;

constexpr Nanos kTime = 1'795'401'432'432'000'000;

TEST(LogLine, HasItsStyles) {
  EXPECT_EQ(format_line(Style::text, Level::warning, "file", "a \"b\"", kTime),
            "2026-11-23T02:37:12.432Z WARNING file: a \"b\"");
  EXPECT_EQ(format_line(Style::journal, Level::error, "file", "a", kTime), "<3>file: a");
  EXPECT_EQ(format_line(Style::journal, Level::info, "file", "a", kTime), "<6>file: a");
  EXPECT_EQ(
      format_line(Style::json, Level::debug, "file", "a \"b\" \\", kTime),
      R"({"@timestamp":"2026-11-23T02:37:12.432Z","log.level":"debug","log.logger":"file","message":"a \"b\" \\"})");
}

TEST(LogLine, EscapesWhatATerminalWouldObey) {
  const auto text = [](std::string_view message) {
    return format_line(Style::journal, Level::info, "c", message, 0).substr(6);
  };
  EXPECT_EQ(text("\x1b[31m\n\t\x7f"), "\\x1b[31m\\x0a\\x09\\x7f");
  EXPECT_EQ(text("ä€\U0001f600"), "ä€\U0001f600");
  EXPECT_EQ(text("\xc3(\xff\xed\xa0\x80"), "\\xc3(\\xff\\xed\\xa0\\x80");
  EXPECT_EQ(text("\xc2\x9b"), "\\xc2\\x9b");             // CSI as a C1 control
  EXPECT_EQ(text("a\xe2\x80\xae"), "a\\xe2\\x80\\xae");  // right-to-left override
  EXPECT_EQ(text(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(text("\xc0\xaf\xf4\x90\x80\x80\xe2\x82"), "\\xc0\\xaf\\xf4\\x90\\x80\\x80\\xe2\\x82");
}

TEST(LogLine, IsBounded) {
  EXPECT_LT(format_line(Style::text, Level::info, "c", std::string(1 << 20, 'x'), 0).size(), size_t{17} << 10);
}

TEST(Repeats, AreCountedNotSaid) {
  Repeats repeats;
  EXPECT_TRUE(repeats.admit(1, "c", "m", 0));
  EXPECT_FALSE(repeats.admit(1, "c", "m", kSecond));
  EXPECT_FALSE(repeats.admit(1, "c", "m", 9 * kSecond));
  EXPECT_TRUE(repeats.admit(1, "d", "m", kSecond));
  EXPECT_TRUE(repeats.admit(2, "c", "m", kSecond));
  EXPECT_TRUE(repeats.admit(1, "c", "n", kSecond));
  EXPECT_TRUE(repeats.due(9 * kSecond).empty());
  const auto due = repeats.due(10 * kSecond);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].message, "m");
  EXPECT_EQ(due[0].count, 2u);
  EXPECT_TRUE(repeats.due(10 * kSecond).empty());
  EXPECT_TRUE(repeats.admit(1, "c", "m", 11 * kSecond));
  EXPECT_FALSE(repeats.admit(1, "c", "m", 12 * kSecond));
  const auto all = repeats.all();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].count, 1u);
}

TEST(Repeats, ANewMessageGivesOutTheOldCount) {
  Repeats repeats;
  EXPECT_TRUE(repeats.admit(1, "c", "m", 0));
  EXPECT_FALSE(repeats.admit(1, "c", "m", 1));
  EXPECT_TRUE(repeats.admit(1, "c", "m", 20 * kSecond));
  EXPECT_EQ(repeats.due(20 * kSecond).size(), 1u);
}

TEST(Repeats, RemembersABoundedNumber) {
  Repeats repeats;
  EXPECT_TRUE(repeats.admit(1, "c", "first", 0));
  EXPECT_FALSE(repeats.admit(1, "c", "first", 0));
  for (size_t i = 0; i < Repeats::kRemembered; ++i) EXPECT_TRUE(repeats.admit(1, "c", std::to_string(i), 0));
  const auto due = repeats.due(0);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].message, "first");
  EXPECT_TRUE(repeats.admit(1, "c", "first", 0));
}

/// The log as it was after a test of it.
class LogFile : public testing::Test {
 protected:
  ~LogFile() override { log::setup({}); }
  test::TempDir dir_;
};

TEST_F(LogFile, IsPrivateAndRotates) {
  log::Settings settings;
  settings.to_stderr = false;
  settings.file = dir_ / "actabeat.log";
  settings.file_bytes_max = 4096;
  settings.files_kept = 2;
  ASSERT_TRUE(log::setup(settings));
  log::debug("test", "not logged");
  for (int i = 0; i < 400; ++i) log::info("test", "message " + std::to_string(i));
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
    struct stat st {};
    ASSERT_EQ(::stat(entry.path().c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 07777, 0600u) << entry.path();
    EXPECT_LE(st.st_size, 4096);
    ++files;
  }
  EXPECT_EQ(files, 3u);
  EXPECT_NE(dir_.read("actabeat.log").find("INFO test: message 399\n"), std::string::npos);
}

TEST_F(LogFile, IsPrivateInAFolderThatWasNotThere) {
  log::Settings settings;
  settings.to_stderr = false;
  settings.file = dir_ / "logs/of/agent.log";
  ASSERT_TRUE(log::setup(settings));
  log::info("test", "hello");
  struct stat st{};
  ASSERT_EQ(::stat(settings.file.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0600u);
}

TEST_F(LogFile, TakesLinesOfManyThreadsWhole) {
  log::Settings settings;
  settings.to_stderr = false;
  settings.json = true;
  settings.level = Level::debug;
  settings.file = dir_ / "a.log";
  ASSERT_TRUE(log::setup(settings));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 50; ++i) log::debug("test", std::to_string(t) + "/" + std::to_string(i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string text = dir_.read("a.log");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 200);
  size_t whole = 0;
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    const std::string_view line = std::string_view(text).substr(at, text.find('\n', at) - at);
    whole += line.starts_with("{\"@timestamp\":\"") && line.ends_with("\"}") ? 1 : 0;
  }
  EXPECT_EQ(whole, 200u);
}

TEST_F(LogFile, SaysRepeatsAtTheEnd) {
  log::flush();  // what other tests have left to be said
  log::Settings settings;
  settings.to_stderr = false;
  settings.file = dir_ / "a.log";
  ASSERT_TRUE(log::setup(settings));
  for (int i = 0; i < 5; ++i) log::error("test", "again");
  log::flush();
  const std::string text = dir_.read("a.log");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
  EXPECT_NE(text.find("ERROR test: again (and 4 times more)\n"), std::string::npos) << text;
}

TEST_F(LogFile, ThatCannotBeOpenedIsSaid) {
  log::Settings settings;
  settings.file = dir_.write("file", "") + "/a.log";
  const auto set = log::setup(settings);
  ASSERT_FALSE(set);
  EXPECT_NE(set.error().what.find("cannot log to " + settings.file), std::string::npos);
}

}  // namespace
}  // namespace acta
