#include <gtest/gtest.h>

#include "config/value.h"
#include "config/yaml.h"

namespace acta::config {
namespace {

TEST(ConfigValue, ReadsIntegers) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("-12"), -12);
  EXPECT_EQ(parse_integer("+12"), 12);
  EXPECT_EQ(parse_integer("0x1F"), 31);
  EXPECT_EQ(parse_integer("0600"), 384);
  EXPECT_EQ(parse_integer("0o600"), 384);
  EXPECT_EQ(parse_integer("9223372036854775807"), INT64_MAX);
  for (const char* bad :
       {"", "-", "9223372036854775808", "1.5", "1e3", "08", "0x", "12 ", " 12", "0x-1", "--1", "ten"}) {
    EXPECT_EQ(parse_integer(bad), std::nullopt) << bad;
  }
}

TEST(ConfigValue, ReadsBooleans) {
  for (const char* word : {"true", "True", "YES", "on"}) EXPECT_EQ(parse_boolean(word), true) << word;
  for (const char* word : {"false", "No", "OFF"}) EXPECT_EQ(parse_boolean(word), false) << word;
  for (const char* word : {"", "1", "0", "y", "truely"}) EXPECT_EQ(parse_boolean(word), std::nullopt) << word;
}

TEST(ConfigValue, ReadsDurations) {
  EXPECT_EQ(parse_duration("10"), 10 * kSecond);
  EXPECT_EQ(parse_duration("1.5"), 1500 * kMillisecond);
  EXPECT_EQ(parse_duration("1h30m"), 5400 * kSecond);
  EXPECT_EQ(parse_duration("200ms"), 200 * kMillisecond);
  EXPECT_EQ(parse_duration("1m1ms"), 60 * kSecond + kMillisecond);
  EXPECT_EQ(parse_duration("1.5s"), 1500 * kMillisecond);
  EXPECT_EQ(parse_duration("3us4ns"), 3004);
  EXPECT_EQ(parse_duration("-2s"), -2 * kSecond);
  EXPECT_EQ(parse_duration("0"), 0);
  for (const char* bad :
       {"", "s", "-", "10 s", "1d", "10s5", "1..5s", "9223372036854775807h", "9999999999999", "1e30", "inf"}) {
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
  }
}

TEST(ConfigValue, ReadsSizes) {
  EXPECT_EQ(parse_bytes("10"), 10);
  EXPECT_EQ(parse_bytes("10MB"), 10 << 20);
  EXPECT_EQ(parse_bytes("10 MiB"), 10 << 20);
  EXPECT_EQ(parse_bytes("1.5k"), 1536);
  EXPECT_EQ(parse_bytes("1g"), 1 << 30);
  EXPECT_EQ(parse_bytes("2TiB"), int64_t{2} << 40);
  for (const char* bad : {"", "MB", "-1", "10XB", "1..2", "9999999999TB", "."})
    EXPECT_EQ(parse_bytes(bad), std::nullopt) << bad;
}

TEST(ConfigValue, WritesWhatItReads) {
  for (const Nanos value :
       {Nanos{0}, Nanos{1}, kMicrosecond, 90 * kSecond, 3661 * kSecond + 5, -5 * kMillisecond, INT64_MAX}) {
    EXPECT_EQ(parse_duration(format_duration(value)), value) << format_duration(value);
  }
  EXPECT_EQ(format_duration(90 * kSecond), "1m30s");
  for (const int64_t value :
       {int64_t{0}, int64_t{1}, int64_t{1023}, int64_t{1024}, int64_t{10} << 20, int64_t{3} << 40}) {
    EXPECT_EQ(parse_bytes(format_bytes(value)), value) << format_bytes(value);
  }
  EXPECT_EQ(format_bytes(10 << 20), "10MB");
}

TEST(ConfigValue, WritesTextsThatReadBackAsTexts) {
  const std::string texts[] = {"plain",
                               "/var/log/x.log",
                               "",
                               "true",
                               "No",
                               "null",
                               "y",
                               "12",
                               "-a",
                               "a b",
                               "a: b",
                               "#x",
                               "*a",
                               "${X}",
                               "quote \" and \\",
                               "line\nfeed",
                               "tab\t",
                               "\x7f",
                               "ä€",
                               "[a]",
                               "{a}",
                               "a,b",
                               "'",
                               "0x1",
                               "1.5",
                               "~"};
  for (const std::string& text : texts) {
    Diagnostics problems;
    Node node;
    const std::string yaml = "[" + format_text(text) + "]";
    ASSERT_TRUE(parse_yaml("t", yaml, true, node, problems)) << yaml;
    ASSERT_EQ(node.items.size(), 1u) << yaml;
    std::string back = node.items[0].text;
    if (const size_t at = back.find("$${"); at != std::string::npos) back.erase(at, 1);
    EXPECT_EQ(back, text) << yaml;
    EXPECT_TRUE(node.items[0].quoted || format_text(text) == text);
  }
}

}  // namespace
}  // namespace acta::config
