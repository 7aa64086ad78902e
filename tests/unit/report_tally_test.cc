#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "report/audit/aureport.h"
#include "report/audit/tally.h"

namespace acta::report::audit {
namespace {

const ReportKind& kind_of(Summary summary, std::string_view columns) {
  for (const ReportKind& kind : report_kinds()) {
    if (kind.summary == summary && kind.columns.starts_with(columns)) return kind;
  }
  ADD_FAILURE() << columns;
  return report_kinds().front();
}

struct Told {
  std::string text;
  std::vector<std::string> remarks;
};

/// A summary of so many events, each of a program with a long name of its own.
Told told_of(const ReportKind& kind, size_t events) {
  constexpr size_t kNameBytes = 4000;
  Told told;
  Aureport report({.kind = &kind, .summary = true}, [&told](std::string_view words) { told.text += words; });
  for (size_t i = 0; i < events; ++i) {
    const std::string name = fmt::format("/{:0{}}", i, kNameBytes);
    std::vector<AuditEvent> made;
    split_events(fmt::format("type=USER_START msg=audit(1700000000.000:{}): pid=1 uid=0 auid=5 ses=1 msg='op=x "
                             "acct=\"a\" exe=\"{}\" hostname=? addr=? terminal=ssh res=success'\n",
                             i + 1, name),
                 Compat::v3, made);
    for (AuditEvent& event : made) report.add(std::move(event));
  }
  report.finish();
  told.remarks = report.remarks();
  return told;
}

constexpr size_t kTooMany = Tally::kBytesMax / 4000 + 1;

TEST(ReportTally, SaysThatThereAreMoreValuesThanAreKept) {
  const ReportKind& programs = kind_of(Summary::files, "exe ");
  EXPECT_TRUE(told_of(programs, 100).remarks.empty());
  EXPECT_EQ(told_of(programs, kTooMany).remarks,
            std::vector<std::string>{"There are more values than are kept: their number is the least it can be."});
}

TEST(ReportTally, SaysOfWhichFigureThereAreMore) {
  const Told told = told_of(kind_of(Summary::figures, ""), kTooMany);
  EXPECT_EQ(told.remarks,
            std::vector<std::string>{"There are more executables than are kept: their number is the least it can be."});
  EXPECT_NE(told.text.find(fmt::format("Number of events: {}\n", kTooMany)), std::string::npos) << told.text;
}

TEST(ReportTally, WhatIsKeptIsCountedOn) {
  Tally tally;
  const std::string text(Tally::kBytesMax, 'x');
  tally.add(text, 1, {});
  tally.add("new", 1, {});
  tally.add(text, 2, {});
  EXPECT_TRUE(tally.capped());
  EXPECT_EQ(tally.size(), 1u);
  EXPECT_EQ(tally.by_hits().front().hits, 3u);

  NumberTally numbers;
  for (size_t i = 0; i <= NumberTally::kNumbersMax; ++i) numbers.add(static_cast<int64_t>(i), 1);
  EXPECT_TRUE(numbers.capped());
  EXPECT_EQ(numbers.size(), NumberTally::kNumbersMax);
}

// Groups come in any order: what came first is told by its place.
TEST(ReportTally, EqualHitsAreInTheOrderOfTheirPlaces) {
  Tally tally;
  tally.add("late", 2, {.time = 5});
  tally.add("early", 1, {.time = 7});
  tally.add("early", 1, {.time = 3});
  tally.add("most", 3, {.time = 9});
  std::string order;
  for (const Tally::Row& row : tally.by_hits()) order += row.text + " ";
  EXPECT_EQ(order, "most early late ");
}

}  // namespace
}  // namespace acta::report::audit
