#include <gtest/gtest.h>

#include "report/activity.h"
#include "report/html/page.h"
#include "report/html/text.h"
#include "report/json_table.h"

namespace acta::report {
namespace {

TEST(HtmlText, EscapesMarkupAndWhatIsNoText) {
  EXPECT_EQ(html::text("a<b>&\"'c"), "a&lt;b&gt;&amp;&quot;&#39;c");
  EXPECT_EQ(html::text("\x01\n\x7f"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(html::text("\xff\xc3"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(html::text("\xe2\x80\xae"), "\xef\xbf\xbd");                      // right-to-left override
  EXPECT_EQ(html::text("\xc2\x85\xef\xbf\xbf"), "\xef\xbf\xbd\xef\xbf\xbd");  // C1, no character
  EXPECT_EQ(html::text("\xc3\xa9\xe2\x82\xac"), "\xc3\xa9\xe2\x82\xac");
}

TEST(HtmlText, GroupsDigits) {
  EXPECT_EQ(html::grouped(0), "0");
  EXPECT_EQ(html::grouped(999), "999");
  EXPECT_EQ(html::grouped(1000), "1,000");
  EXPECT_EQ(html::grouped(12345678), "12,345,678");
}

TEST(HtmlPage, ABarIsAShareOfTheHighest) {
  html::Page page("t", "s");
  page.section("one");
  page.table({.columns = {"n"}, .rows = {{"1,000"}, {"250"}}, .bars = 0});
  const std::string text = page.finish();
  EXPECT_NE(text.find("width=\"100.0\""), std::string::npos);
  EXPECT_NE(text.find("width=\"25.0\""), std::string::npos);
}

TEST(Activity, CountsAllInABoundedNumberOfSteps) {
  Activity activity;
  uint64_t count = 0;
  for (Nanos second = 0; second < 400'000; second += 37, ++count)
    activity.add(Activity::What::event, second * kSecond, second % 2 == 0 ? "a" : "b");
  const html::Chart chart = activity.chart();
  ASSERT_EQ(chart.series.size(), 1u);
  EXPECT_LE(chart.series[0].second.size(), 96u);
  EXPECT_GT(chart.series[0].second.size(), 40u);
  uint64_t sum = 0;
  for (const uint64_t value : chart.series[0].second) sum += value;
  EXPECT_EQ(sum, count);
  EXPECT_EQ(activity.hosts().rows.size(), 2u);
}

TEST(JsonTable, KeepsTheFirstOrTheLast) {
  JsonTable first(1, JsonTable::Keep::first, 2), last(1, JsonTable::Keep::last, 2);
  for (JsonTable* table : {&first, &last}) {
    table->take("{\"r\":\"x\",\"n\":1,\"t\":\"a\",\"f\":true}\n{\"r\":\"x\",\"n\":2.50,\"t\":\"b\",\"f\":false}\nno\n");
    table->take("{\"r\":\"x\",\"n\":3,\"t\":\"c\",\"f\":true}\n");
    EXPECT_EQ(table->count(), 3u);
    EXPECT_EQ(table->names(), (std::vector<std::string>{"n", "t", "f"}));
  }
  EXPECT_EQ(first.rows().back(), (std::vector<std::string>{"2.50", "b", "no"}));
  EXPECT_EQ(last.rows().back(), (std::vector<std::string>{"3", "c", "yes"}));
}

}  // namespace
}  // namespace acta::report
