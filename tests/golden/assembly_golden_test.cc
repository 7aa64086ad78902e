// Real logs: which events come out, and that none of them is called incomplete.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "processors/audit/assembler.h"
#include "processors/audit/completeness.h"
#include "support/audit_lines.h"
#include "support/shared.h"

namespace acta::audit {
namespace {

using test::Assembling;

// Events of a log by key, each of which must come out once and miss nothing.
void expect_whole(const std::string& log, size_t events, size_t records) {
  Assembling a;
  size_t incomplete = 0;
  a.look = [&](const AssembledEvent& event) {
    const auto missing = missing_records(event);
    if (!missing.empty() && ++incomplete < 10) ADD_FAILURE() << test::key_text(event.key) << " misses " << missing[0];
  };
  a.text(log);
  a.flush();
  std::set<std::string> keys;
  size_t lines = 0;
  for (const auto& event : a.events) {
    EXPECT_TRUE(keys.insert(event.key).second) << event.key << " came twice";
    EXPECT_NE(event.closed, Closed::late);
    EXPECT_NE(event.closed, Closed::full);
    lines += event.lines.size();
  }
  EXPECT_EQ(incomplete, 0u);
  EXPECT_EQ(a.events.size(), events);
  EXPECT_EQ(lines, records);
}

TEST(AssemblyGolden, InterleavedLogGivesOneWholeEventPerKey) {
  const std::string log = test::read_log(test::source_path("tests/data/interleaved.log.zst"));
  expect_whole(log, 15'534, 68'150);
  Assembling a;
  a.look = [](const AssembledEvent& event) {
    bool proctitle = false;
    bool syscall = false;
    for (const Record& record : event.records) {
      proctitle = proctitle || record.type == 1327;
      syscall = syscall || record.type == 1300;
    }
    EXPECT_TRUE(proctitle || !syscall) << test::key_text(event.key);
  };
  a.text(log);
  EXPECT_LT(a.assembler.open_records(0), 100u);  // little stays open: hardly any event waits for its age
}

// Each record that may be taken away from a whole event is named as missing, and nothing else is.
TEST(AssemblyGolden, WhatIsTakenAwayIsNamed) {
  const std::string log = test::read_log(test::source_path("tests/data/interleaved.log.zst"));
  std::vector<test::KeptEvent> events;
  {
    Assembling a;
    a.text(std::string_view(log).substr(0, 2'000'000));
    events = std::move(a.events);
  }
  size_t taken_away = 0;
  for (const auto& event : events) {
    if (event.closed != Closed::complete || event.lines.size() < 3) continue;
    for (size_t gone = 0; gone + 1 < event.lines.size(); ++gone) {
      const Record record = *parse_record(event.lines[gone]);
      std::string expected;
      if (record.type == 1300) expected = "SYSCALL";
      if (record.type == 1302) expected = "PATH " + std::string(record.body.substr(0, record.body.find(' ')));
      std::vector<std::string> missing;
      Assembling a;
      a.look = [&missing](const AssembledEvent& one) { missing = missing_records(one); };
      for (size_t i = 0; i < event.lines.size(); ++i) {
        if (i != gone) a.line(event.lines[i]);
      }
      a.flush();
      ASSERT_EQ(missing, expected.empty() ? std::vector<std::string>{} : std::vector<std::string>{expected})
          << event.lines[gone];
      ++taken_away;
    }
  }
  EXPECT_GT(taken_away, 5000u);
}

TEST(AssemblyGolden, LiveLogsGiveOneEventPerKey) {
  SKIP_WITHOUT_SHARED(shared);
  expect_whole(test::read_log(*shared + "/golden/live/audit/audit-enriched.log"), 869, 3712);
  expect_whole(test::read_log(*shared + "/golden/live/audit/audit-raw.log"), 869, 3712);
}

TEST(AssemblyGolden, WithAndWithoutEndOfEventRecordsTheSame) {
  SKIP_WITHOUT_SHARED(shared);
  const std::string folder = *shared + "/golden/live/stream/";
  const std::string stream = test::read_log(folder + "af_unix-string.txt");
  std::string without;
  test::for_each_line(stream, [&](std::string_view line) {
    if (line.find("type=EOE ") == std::string_view::npos) without.append(line).append("\n");
  });
  ASSERT_NE(without.size(), stream.size());
  Assembling a;
  Assembling b;
  a.text(stream);
  b.text(without);
  a.flush();
  b.flush();
  ASSERT_EQ(a.events.size(), b.events.size());
  const auto by_key = [](const auto& x, const auto& y) { return x.key < y.key; };
  std::ranges::sort(a.events, by_key);
  std::ranges::sort(b.events, by_key);
  EXPECT_EQ(a.events, b.events);
}

// go-libaudit's reassembler groups (README of the folder): sequence and records without EOE. It counts gaps between
// serials as lost; we do not, because serials restart and come out of order.
TEST(AssemblyGolden, GroupsOfGoLibaudit) {
  SKIP_WITHOUT_SHARED(shared);
  const std::map<std::string, std::vector<std::string>> expected{
      {"normal.log", {"58:2", "59:5", "60:5", "61:4", "62:1"}},
      {"out_of_order.log", {"58:2", "59:5", "60:5", "61:4", "62:1"}},
      {"lost_messages.log", {"49:2", "59:5", "60:5", "61:4", "62:1"}},
      {"rollover.log", {"94:1", "95:1", "0:1", "1:1", "2:1"}},  // 4294967294, 4294967295, 0, 1, 2
  };
  for (const auto& [name, groups] : expected) {
    const std::string path = *shared + "/golden/beats/go-libaudit/testdata/" + name;
    if (!std::filesystem::exists(path)) continue;  // not all of the upstream material need be there
    Assembling a;
    a.text(test::read_log(path));
    a.flush();
    std::set<std::string> ours;
    for (const auto& event : a.events) {
      const std::string serial = event.key.substr(event.key.rfind(':') + 1);
      ours.insert(serial.substr(serial.size() - std::min<size_t>(serial.size(), 2)) + ":" +
                  std::to_string(event.lines.size()));
    }
    EXPECT_EQ(ours, std::set<std::string>(groups.begin(), groups.end())) << name;
  }
}

}  // namespace
}  // namespace acta::audit
