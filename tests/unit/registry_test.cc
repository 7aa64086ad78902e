#include "pipeline/registry.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.h"

namespace acta {
namespace {

class RegistryTest : public ::testing::Test {
 protected:
  void write(const std::string& text) { std::ofstream(path_) << text; }
  [[nodiscard]] std::string on_disk() { return *read_file(fs_, path_, 1 << 20); }

  PosixFs fs_;
  test::TempDir temporary_;
  const std::string dir_ = temporary_.path(), path_ = dir_ + "/registry.json";
};

Cursor some_cursor() {
  Cursor cursor{.at = {3, 100}, .read_to = {4, 20}, .files = {}, .skip = {}};
  cursor.files.push_back({.number = 3,
                          .fingerprint = "00ff",
                          .inode = UINT64_MAX,
                          .device = 5,
                          .path = "/a \"b\"\n\xff",
                          .begin = 7,
                          .end = 900});
  cursor.skip.push_back({.key = UINT64_MAX - 1, .begin = {3, 90}, .end = {3, 110}});
  return cursor;
}

TEST_F(RegistryTest, GivesBackWhatWasSaved) {
  {
    auto registry = CursorRegistry::load(fs_, path_);
    ASSERT_TRUE(registry) << registry.error().what;
    EXPECT_EQ(registry->find("a"), nullptr);
    registry->set("a", some_cursor());
    ASSERT_TRUE(registry->save());
  }
  struct stat st {};
  ASSERT_EQ(::stat(path_.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
  const auto registry = CursorRegistry::load(fs_, path_);
  ASSERT_TRUE(registry);
  const Cursor* cursor = registry->find("a");
  ASSERT_NE(cursor, nullptr);
  const Cursor want = some_cursor();
  EXPECT_EQ(cursor->at, want.at);
  EXPECT_EQ(cursor->read_to, want.read_to);
  EXPECT_EQ(cursor->files, want.files);
  ASSERT_EQ(cursor->skip.size(), 1u);
  EXPECT_EQ(cursor->skip[0].key, want.skip[0].key);
  EXPECT_EQ(cursor->skip[0].begin, want.skip[0].begin);
  EXPECT_EQ(cursor->skip[0].end, want.skip[0].end);
}

TEST_F(RegistryTest, KeepsEntriesOfInputsThatAreNotConfigured) {
  {
    auto registry = CursorRegistry::load(fs_, path_);
    registry->set("old", some_cursor());
    ASSERT_TRUE(registry->save());
  }
  {
    auto registry = CursorRegistry::load(fs_, path_);
    registry->set("new", {});
    ASSERT_TRUE(registry->save());
  }
  const auto registry = CursorRegistry::load(fs_, path_);
  EXPECT_NE(registry->find("old"), nullptr);
  EXPECT_NE(registry->find("new"), nullptr);
}

TEST_F(RegistryTest, WritesOnlyWhatChanged) {
  auto registry = CursorRegistry::load(fs_, path_);
  registry->set("a", some_cursor());
  ASSERT_TRUE(registry->save());
  std::filesystem::remove(path_);
  ASSERT_TRUE(registry->save());
  EXPECT_FALSE(std::filesystem::exists(path_));
  registry->set("a", {});
  ASSERT_TRUE(registry->save());
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(RegistryTest, KeepsADamagedFileAsideAndStartsOver) {
  const std::string good = [&] {
    auto registry = CursorRegistry::load(fs_, path_);
    registry->set("a", some_cursor());
    EXPECT_TRUE(registry->save());
    return on_disk();
  }();
  const std::vector<std::string> damaged = {"",
                                            "{",
                                            "[]",
                                            "null",
                                            "{\"version\":1}",
                                            "{\"version\":\"1\",\"inputs\":{}}",
                                            "{\"version\":1,\"inputs\":{\"a\":{}}}",
                                            good.substr(0, good.size() / 2),
                                            std::string(good.size(), '\0'),
                                            std::string(100000, '[')};
  for (const std::string& text : damaged) {
    write(text);
    auto registry = CursorRegistry::load(fs_, path_);
    ASSERT_TRUE(registry) << text.substr(0, 100);
    EXPECT_EQ(registry->find("a"), nullptr);
    EXPECT_FALSE(std::filesystem::exists(path_));
    EXPECT_EQ(*read_file(fs_, path_ + ".damaged", 1 << 20), text);
  }
}

TEST_F(RegistryTest, RefusesANewerVersionAndLeavesItAlone) {
  const std::string text = "{\"version\":2,\"inputs\":[]}";
  write(text);
  const auto registry = CursorRegistry::load(fs_, path_);
  ASSERT_FALSE(registry);
  EXPECT_EQ(registry.error().code, Errc::unsupported);
  EXPECT_NE(registry.error().what.find("version 2"), std::string::npos);
  EXPECT_EQ(on_disk(), text);
}

TEST_F(RegistryTest, FailsWhenItCannotBeRead) {
  std::filesystem::create_directory(path_);
  EXPECT_FALSE(CursorRegistry::load(fs_, path_));
}

TEST(InputId, IsTheConfiguredOneOrDependsOnTypeAndPaths) {
  const std::vector<std::string> ab = {"/a", "/b"}, ba = {"/b", "/a"}, joined = {"/a/b"};
  EXPECT_EQ(input_id("audit_log", ab, "mine"), "mine");
  EXPECT_EQ(input_id("audit_log", ab, ""), input_id("audit_log", ba, ""));
  EXPECT_NE(input_id("audit_log", ab, ""), input_id("pacct", ab, ""));
  EXPECT_NE(input_id("audit_log", ab, ""), input_id("audit_log", joined, ""));
}

}  // namespace
}  // namespace acta
