#include <gtest/gtest.h>

#include "base/spelling.h"
#include "config/option.h"

namespace acta {
namespace {

constexpr Option kOptions[] = {
    {.key = "path", .type = Option::Type::text, .fallback = "", .help = "Where.", .required = true},
    {.key = "size", .type = Option::Type::bytes, .fallback = "1KB", .help = "Size."},
    {.key = "names", .type = Option::Type::list, .fallback = "[a, b]", .help = "Names."},
    {.key = "deep.map", .type = Option::Type::map, .fallback = "{a: b}", .help = "Map."},
};

TEST(MakeSettings, TakesDefaultsAndWhatIsGiven) {
  const auto settings = make_settings(kOptions, {{"path", "/x"}, {"deep.map", "{k: v, l.m: w}"}});
  ASSERT_TRUE(settings) << settings.error().what;
  EXPECT_EQ(settings->text("path"), "/x");
  EXPECT_EQ(settings->bytes("size"), 1024u);
  EXPECT_EQ(settings->list("names"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(settings->map("deep.map"), (std::map<std::string, std::string>{{"k", "v"}, {"l.m", "w"}}));
}

TEST(MakeSettings, SaysWhatIsWrong) {
  const auto settings = make_settings(kOptions, {{"size", "large"}, {"pth", "x"}});
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().what,
            "given: key 'pth' is not known; did you mean 'path'?\n"
            "given: key 'size' must be a size such as 10MB or 64KiB, not 'large'\n"
            "given: key 'path' is missing: Where.");
}

TEST(SettingsDeathTest, AskingForWhatTheTableHasNotIsABug) {
  const auto settings = make_settings(kOptions, {{"path", "/x"}});
  ASSERT_TRUE(settings);
  EXPECT_DEATH((void)settings->text("nothing"), "found");
  EXPECT_DEATH((void)settings->integer("path"), "value");
}

TEST(Spelling, CountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("abc", "abc"), 0u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("evry", "every"), 1u);
  EXPECT_EQ(edit_distance("levle", "level"), 1u);
  EXPECT_EQ(edit_distance("abc", "xyz"), 3u);
  EXPECT_EQ(edit_distance(std::string(200, 'a'), "a"), 128u);
}

TEST(Spelling, FindsWhatIsNearEnough) {
  constexpr std::string_view kWords[] = {"paths", "hosts", "processors"};
  EXPECT_EQ(nearest("path", kWords), "paths");
  EXPECT_EQ(nearest("procesors", kWords), "processors");
  EXPECT_EQ(nearest("xyz", kWords), "");
  EXPECT_EQ(did_you_mean("hots", kWords), "; did you mean 'hosts'?");
  EXPECT_EQ(did_you_mean("q", kWords), "");
}

}  // namespace
}  // namespace acta
