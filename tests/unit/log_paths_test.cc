#include "sys/log_paths.h"

#include <gtest/gtest.h>

#include "support/temp_dir.h"
#include "sys/file_identity.h"

namespace acta {
namespace {

using Kind = RotationSuffix::Kind;

TEST(RotatedName, TakesOneSuffixOff) {
  const auto check = [](std::string_view name, std::string_view base, Kind kind, uint64_t number, bool compressed) {
    const RotatedName split = split_rotated_name(name);
    EXPECT_EQ(split.base, base) << name;
    EXPECT_EQ(split.suffix.kind, kind) << name;
    EXPECT_EQ(split.suffix.number, number) << name;
    EXPECT_EQ(split.suffix.compressed, compressed) << name;
  };
  check("audit.log", "audit.log", Kind::plain, 0, false);
  check("audit.log.12", "audit.log", Kind::numbered, 12, false);
  check("pacct.0", "pacct", Kind::numbered, 0, false);
  check("pacct-20261123", "pacct", Kind::dated, 20261123, false);
  check("pacct-20261123.gz", "pacct", Kind::dated, 20261123, true);
  check("audit.log.3.zst", "audit.log", Kind::numbered, 3, true);
  check("audit.log.1.2", "audit.log.1", Kind::numbered, 2, false);
  check("v-2.log", "v-2.log", Kind::plain, 0, false);
  check("host-7", "host-7", Kind::plain, 0, false);
  check(".1", ".1", Kind::plain, 0, false);
  check("1", "1", Kind::plain, 0, false);
  check("", "", Kind::plain, 0, false);
  check("a.9999999999", "a.9999999999", Kind::plain, 0, false);
}

TEST(RotatedName, SuffixesOfOtherNamesAreNone) {
  EXPECT_TRUE(parse_rotation_suffix(""));
  EXPECT_TRUE(parse_rotation_suffix(".7"));
  EXPECT_TRUE(parse_rotation_suffix(".7.gz"));
  for (const char* other : {"x", ".old", ".", ".1x", ".1.2", "-1", "7"})
    EXPECT_FALSE(parse_rotation_suffix(other)) << other;
}

TEST(RotatedName, OlderComesFirst) {
  const char* in_order[] = {"-20261121", "-20261122", ".12", ".9", ".1", ".0", ""};
  for (size_t i = 0; i < std::size(in_order); ++i) {
    for (size_t j = 0; j < std::size(in_order); ++j) {
      EXPECT_EQ(parse_rotation_suffix(in_order[i])->older_than(*parse_rotation_suffix(in_order[j])), i < j);
    }
  }
}

TEST(LogPaths, PutTogetherWhatIsOneLog) {
  const test::TempDir dir;
  for (const char* name : {"a.log", "a.log.1", "b.log.2", "c.txt"}) dir.write(name, "");
  const auto logs = resolve_log_paths({dir / "*.log*", dir / "missing", dir / "x.1"}, true);
  ASSERT_EQ(logs.size(), 4u);
  EXPECT_EQ(logs[0].path(), dir / "a.log");
  EXPECT_TRUE(logs[0].whole);
  EXPECT_EQ(logs[1].path(), dir / "b.log");
  EXPECT_FALSE(logs[1].whole) << "only its rotated file matched";
  EXPECT_EQ(logs[2].path(), dir / "missing");
  EXPECT_EQ(logs[3].path(), dir / "x.1") << "by itself, it is a log that is named so";
  EXPECT_FALSE(resolve_log_paths({dir / "a.log"}, false)[0].whole);
}

TEST(LogPaths, KeepNamesAsTheyWereGiven) {
  EXPECT_EQ(log_of("audit.log", true).path(), "audit.log");
  EXPECT_EQ(log_of("/audit.log", true).path(), "/audit.log");
  EXPECT_EQ(log_of("/var//log/audit.log/", true).path(), "/var//log/audit.log");
  EXPECT_TRUE(is_match_of({"/x", "/var/log/*.log"}, "/var/log/a.log"));
  EXPECT_FALSE(is_match_of({"/x", "/var/*.log"}, "/var/log/a.log"));
  EXPECT_FALSE(is_match_of({"/var/log/a.log"}, "/var/log/a.log")) << "no pattern";
}

TEST(FileIdentity, IsTheFirstLineOrItsFirstKilobyte) {
  const auto id = [](std::string_view head) { return fingerprint(IdentityRule::first_line, head); };
  EXPECT_EQ(id("").size(), 0u);
  EXPECT_EQ(id("half a line").size(), 0u);
  EXPECT_EQ(id("line\n").size(), 16u);
  EXPECT_EQ(id("line\n"), id("line\nmore\n"));
  EXPECT_NE(id("line\n"), id("lime\n"));
  const std::string kilobyte(kIdentityBytes, 'x');
  EXPECT_EQ(id(kilobyte).size(), 16u);
  EXPECT_EQ(id(kilobyte), id(kilobyte + "and more\n"));
}

TEST(FileIdentity, IsTheFirst64BytesOfAccountingFiles) {
  const auto id = [](std::string_view head) { return fingerprint(IdentityRule::first_64_bytes, head); };
  EXPECT_EQ(id(std::string(63, '\n')).size(), 0u);
  EXPECT_EQ(id(std::string(64, '\0')).size(), 16u);
  EXPECT_EQ(id(std::string(64, '\0')), id(std::string(64, '\0') + "x"));
}

TEST(FileIdentity, OfAFileWithoutOneChangesWhenItGrows) {
  EXPECT_EQ(provisional_fingerprint(""), "");
  EXPECT_TRUE(provisional_fingerprint("half").starts_with('~'));
  EXPECT_NE(provisional_fingerprint("half"), provisional_fingerprint("half a line"));
}

}  // namespace
}  // namespace acta
