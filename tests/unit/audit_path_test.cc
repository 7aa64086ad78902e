#include <gtest/gtest.h>

#include "processors/audit/path.h"

namespace acta::audit {
namespace {

std::string absolute(std::string_view base, std::string_view name) {
  Arena arena;
  return std::string(absolute_path(base, name, arena));
}

TEST(AuditPath, CleanAbsoluteNamesStay) {
  EXPECT_EQ(absolute("/home", "/etc/passwd"), "/etc/passwd");
  EXPECT_EQ(absolute("/home", "/"), "/");
  EXPECT_EQ(absolute("/home", "/..a/b.."), "/..a/b..");
  Arena arena;
  const std::string_view name = "/usr/bin/x";
  EXPECT_EQ(absolute_path("/", name, arena).data(), name.data());  // no copy
}

TEST(AuditPath, RelativeNamesBeginInTheBase) {
  EXPECT_EQ(absolute("/home/u", "a"), "/home/u/a");
  EXPECT_EQ(absolute("/home/u/", "./a"), "/home/u/a");
  EXPECT_EQ(absolute("/", "a/b"), "/a/b");
  EXPECT_EQ(absolute("/home/u", "../../.."), "/");
  EXPECT_EQ(absolute("/home/u", "../v//w/./x/"), "/home/v/w/x");
  EXPECT_EQ(absolute("", "a"), "a");
  EXPECT_EQ(absolute("relative", "a"), "a");
  EXPECT_EQ(absolute("/home", ""), "");
}

TEST(AuditPath, OddComponentsAreTakenAway) {
  EXPECT_EQ(absolute("/", "//etc///passwd"), "/etc/passwd");
  EXPECT_EQ(absolute("/", "/tmp/../etc/passwd"), "/etc/passwd");
  EXPECT_EQ(absolute("/", "/../../.."), "/");
  EXPECT_EQ(absolute("/", "/tmp/"), "/tmp");
  EXPECT_EQ(absolute("/", "/tmp/."), "/tmp");
  EXPECT_EQ(absolute("/", "/tmp/.."), "/");
}

TEST(AuditPath, Parts) {
  EXPECT_EQ(base_name("/a/b.c"), "b.c");
  EXPECT_EQ(base_name("b"), "b");
  EXPECT_EQ(base_name("/"), "");
  EXPECT_EQ(directory_of("/a/b"), "/a");
  EXPECT_EQ(directory_of("/a"), "/");
  EXPECT_EQ(directory_of("a"), "");
  EXPECT_EQ(extension_of("a.tar.gz"), "gz");
  EXPECT_EQ(extension_of(".bashrc"), "");
  EXPECT_EQ(extension_of("a."), "");
  EXPECT_EQ(extension_of("a"), "");
}

}  // namespace
}  // namespace acta::audit
