#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "processors/audit/assembler.h"
#include "support/audit_lines.h"

namespace acta::audit {
namespace {

using test::Assembling;
using test::audit_line;

constexpr uint64_t kStart = 1'700'000'000'000;  // in milliseconds

std::vector<std::string> keys(const Assembling& a) {
  std::vector<std::string> out;
  for (const auto& event : a.events)
    out.push_back(event.key.substr(event.key.find(':') + 1) + "/" + std::to_string(event.lines.size()));
  return out;
}

using Keys = std::vector<std::string>;

TEST(AuditAssembler, ProctitleClosesWhateverInterleaves) {
  Assembling a;
  a.line(audit_line("SYSCALL", kStart, 1));
  a.line(audit_line("SYSCALL", kStart, 2));
  a.line(audit_line("PATH", kStart, 1));
  a.line(audit_line("PROCTITLE", kStart, 2));
  a.line(audit_line("PROCTITLE", kStart, 1));
  EXPECT_EQ(keys(a), (Keys{"2/2", "1/3"}));
  EXPECT_EQ(a.events[0].closed, Closed::complete);
  EXPECT_EQ(a.assembler.open_records(0), 0u);
}

TEST(AuditAssembler, KeysDifferByNodeTimeAndSerial) {
  Assembling a;
  a.line(audit_line("SYSCALL", kStart, 1));
  a.line(audit_line("SYSCALL", kStart + 1, 1));
  a.line(audit_line("SYSCALL", kStart, 1, "a=b", "n1"));
  a.line(audit_line("SYSCALL", kStart, 1, "a=b", "n2"));
  a.flush();
  ASSERT_EQ(a.events.size(), 4u);
  EXPECT_EQ(a.events[2].key, "n1 1700000000.000:1");
  EXPECT_EQ(a.events[0].closed, Closed::end);
}

TEST(AuditAssembler, TypesThatEndAnEvent) {
  for (const uint16_t type :
       std::vector<uint16_t>{1005, 1100, 1138, 1199, 1200, 1299, 1320, 1327, 2000, 2100, 2407, 2507, 2999}) {
    EXPECT_TRUE(ends_event(type)) << type;
  }
  for (const uint16_t type :
       std::vector<uint16_t>{0, 1000, 1006, 1300, 1305, 1326, 1400, 1406, 1419, 1423, 1701, 1999, 2001, 2099, 3000}) {
    EXPECT_FALSE(ends_event(type)) << type;
  }
  Assembling a;
  a.line(audit_line("UNKNOWN[2999]", kStart, 1));
  EXPECT_EQ(a.events.size(), 1u);
}

TEST(AuditAssembler, LoginStaysWithItsSystemCall) {
  Assembling a;
  a.line(audit_line("LOGIN", kStart, 1));
  a.line(audit_line("SYSCALL", kStart, 1));
  a.line(audit_line("PROCTITLE", kStart, 1));
  EXPECT_EQ(keys(a), (Keys{"1/3"}));
}

TEST(AuditAssembler, EndOfEventClosesButIsNoRecord) {
  Assembling a;
  a.line(audit_line("SYSCALL", kStart, 1));
  EXPECT_TRUE(a.line(audit_line("EOE", kStart, 1, "")));
  ASSERT_EQ(keys(a), (Keys{"1/1"}));
  EXPECT_EQ(a.events[0].provenance.records, 2u);
  EXPECT_EQ(a.events[0].closed, Closed::complete);
  a.line(audit_line("SYSCALL", kStart, 2));
  a.line(audit_line("PROCTITLE", kStart, 2));
  EXPECT_FALSE(a.line(audit_line("EOE", kStart, 2, "")));
  EXPECT_FALSE(a.line(audit_line("EOE", kStart, 77, "")));
  a.flush();
  EXPECT_EQ(a.events.size(), 2u);
}

TEST(AuditAssembler, ProvenanceSpansTheRecords) {
  Assembling a;
  const std::string first = audit_line("SYSCALL", kStart, 1);
  const std::string other = audit_line("SYSCALL", kStart, 2);
  const std::string last = audit_line("PROCTITLE", kStart, 1);
  a.line(other);
  EXPECT_EQ(a.assembler.oldest_open(0), (Position{1, 0}));
  a.line(first);
  a.line(last);
  ASSERT_EQ(a.events.size(), 1u);
  const Provenance& p = a.events[0].provenance;
  EXPECT_EQ(p.begin, (Position{1, other.size() + 1}));
  EXPECT_EQ(p.end, (Position{1, other.size() + first.size() + last.size() + 3}));
  EXPECT_EQ(p.records, 2u);
  EXPECT_EQ(p.key, hash(parse_record(first)->key));
  EXPECT_EQ(a.events[0].read_at, static_cast<Nanos>(other.size() + first.size() + 2));
  EXPECT_EQ(a.assembler.oldest_open(0), (Position{1, 0}));
  EXPECT_EQ(a.assembler.open_records(0), 1u);
  a.flush();
  EXPECT_EQ(a.assembler.oldest_open(0), (Position{UINT64_MAX, UINT64_MAX}));
  EXPECT_EQ(a.assembler.oldest_open(9), (Position{UINT64_MAX, UINT64_MAX}));
}

TEST(AuditAssembler, SourcesAreKeptApart) {
  Assembling a;
  a.line(audit_line("SYSCALL", kStart, 1), 0);
  a.line(audit_line("SYSCALL", kStart, 1), 3);
  EXPECT_EQ(a.assembler.open_records(0), 1u);
  EXPECT_EQ(a.assembler.open_records(3), 1u);
  a.line(audit_line("PROCTITLE", kStart, 1), 3);
  ASSERT_EQ(a.events.size(), 1u);
  EXPECT_EQ(a.events[0].provenance.source, 3);
  EXPECT_EQ(a.events[0].provenance.key, hash(parse_record(audit_line("EOE", kStart, 1))->key));
  EXPECT_EQ(a.assembler.oldest_open(3), (Position{UINT64_MAX, UINT64_MAX}));
}

TEST(AuditAssembler, AgeIsLogTime) {
  Assembling a;
  a.line(audit_line("SECCOMP", kStart, 1));
  for (uint64_t i = 0; i <= 20; ++i) a.line(audit_line("USER_CMD", kStart + i * 100, i + 2));
  EXPECT_EQ(a.events.size(), 21u);  // 2,000 ms: as old as may be
  a.line(audit_line("USER_CMD", kStart + 2001, 50));
  EXPECT_EQ(keys(a).back(), "1/1");
  EXPECT_EQ(a.events.back().closed, Closed::age);
}

TEST(AuditAssembler, ASilenceIsAnEighthOfTheAgeAtMost) {
  Assembling a;
  a.line(audit_line("SYSCALL", kStart, 1));
  a.line(audit_line("USER_CMD", kStart + 10'000, 2));
  a.line(audit_line("USER_CMD", kStart + 10'001, 3));
  a.line(audit_line("USER_CMD", kStart + 10'400, 4));
  a.line(audit_line("PROCTITLE", kStart, 1));
  EXPECT_EQ(keys(a).back(), "1/2");
  EXPECT_EQ(a.events.back().closed, Closed::complete);
  a.line(audit_line("SECCOMP", kStart + 10'400, 5));
  for (uint64_t i = 1; i <= 20 && keys(a).back() != "5/1"; ++i)
    a.line(audit_line("USER_CMD", kStart + i * 60'000, 5 + i));
  EXPECT_EQ(keys(a).back(), "5/1");  // quiet logs close by age too
}

TEST(AuditAssembler, ALeapDoesNotCloseTheEventsThatMadeIt) {
  Assembling a;
  a.line(audit_line("SYSCALL", kStart, 1));
  a.line(audit_line("PROCTITLE", kStart, 1));
  a.line(audit_line("SYSCALL", kStart + 60'000, 2));
  a.line(audit_line("SYSCALL", kStart + 60'000, 3));
  a.line(audit_line("PATH", kStart + 60'000, 2));
  a.line(audit_line("PROCTITLE", kStart + 60'000, 3));
  a.line(audit_line("PROCTITLE", kStart + 60'000, 2));
  EXPECT_EQ(keys(a), (Keys{"1/2", "3/2", "2/3"}));
  for (const auto& event : a.events) EXPECT_EQ(event.closed, Closed::complete);
}

TEST(AuditAssembler, OldStampsAndOneWildStampCloseNothing) {
  Assembling a;
  a.line(audit_line("SYSCALL", kStart, 1));
  a.line(audit_line("SYSCALL", kStart - 600'000, 2));        // a call that blocked for ten minutes
  a.line(audit_line("SECCOMP", kStart + 9'000'000'000, 3));  // a damaged stamp
  for (uint64_t i = 4; i < 40; ++i) {
    a.line(audit_line("USER_CMD", kStart + i, i));
    a.line(audit_line("USER_CMD", kStart - 600'000, i + 100));
  }
  EXPECT_EQ(a.events.size(), 72u);
  a.line(audit_line("PROCTITLE", kStart - 600'000, 2));
  EXPECT_EQ(keys(a).back(), "2/2");
  EXPECT_EQ(a.assembler.open_records(0), 2u);
}

TEST(AuditAssembler, AClockSetBackClosesNothingAndAgeGoesOn) {
  Assembling a;
  a.line(audit_line("SYSCALL", kStart, 1));
  const uint64_t back = kStart - 3'600'000;
  for (uint64_t i = 0; i < 70; ++i) a.line(audit_line("SECCOMP", back + i, 100 + i));
  EXPECT_TRUE(a.events.empty());
  uint64_t i = 0;
  while (a.events.empty() || a.events.back().closed != Closed::age) {
    ASSERT_LT(i, 100u);
    a.line(audit_line("USER_CMD", back + 100 + i * 100, 500 + i));
    ++i;
  }
  EXPECT_GE(i, 19u);  // two seconds of the new time
  EXPECT_EQ(keys(a)[i], "1/1");
}

TEST(AuditAssembler, SerialsMayWrapAndDaemonsCountOnTheirOwn) {
  Assembling a;
  a.line(audit_line("SYSCALL", kStart, 4294967295));
  a.line(audit_line("DAEMON_START", kStart + 3, 5398));
  a.line(audit_line("SYSCALL", kStart, 0));
  a.line(audit_line("PROCTITLE", kStart, 0));
  a.line(audit_line("PROCTITLE", kStart, 4294967295));
  EXPECT_EQ(keys(a), (Keys{"5398/1", "0/2", "4294967295/2"}));
}

TEST(AuditAssembler, LateRecordsMakeOneEventOfTheirOwn) {
  Assembling a;
  a.line(audit_line("SYSCALL", kStart, 1));
  a.line(audit_line("PROCTITLE", kStart, 1));
  EXPECT_TRUE(a.line(audit_line("PATH", kStart, 1, "item=0")));
  EXPECT_TRUE(a.line(audit_line("PATH", kStart, 1, "item=1")));
  EXPECT_FALSE(a.line(audit_line("PATH", kStart, 1, "item=1")));
  EXPECT_FALSE(a.line(audit_line("SYSCALL", kStart, 1)));
  a.flush();
  ASSERT_EQ(keys(a), (Keys{"1/2", "1/2"}));
  EXPECT_EQ(a.events[1].closed, Closed::late);
  EXPECT_FALSE(a.line(audit_line("PATH", kStart, 1, "item=0")));
  EXPECT_FALSE(a.line(audit_line("SYSCALL", kStart, 1)));
  EXPECT_TRUE(a.line(audit_line("PROCTITLE", kStart, 1, "other")));
  EXPECT_EQ(a.events.back().closed, Closed::late);
}

TEST(AuditAssembler, DuplicatesAreRefusedUnlessTheyMayRepeat) {
  Assembling a;
  EXPECT_TRUE(a.line(audit_line("SYSCALL", kStart, 1)));
  EXPECT_FALSE(a.line(audit_line("SYSCALL", kStart, 1)));
  for (const char* type : {"AVC", "APPARMOR_DENIED", "UNKNOWN[1423]"}) {
    EXPECT_TRUE(a.line(audit_line(type, kStart, 1)));
    EXPECT_TRUE(a.line(audit_line(type, kStart, 1)));
  }
  a.line(audit_line("PROCTITLE", kStart, 1));
  EXPECT_EQ(keys(a), (Keys{"1/8"}));
  EXPECT_FALSE(a.line(audit_line("PROCTITLE", kStart, 1)));
}

TEST(AuditAssembler, DuplicatesOfAWideEventAreRefused) {
  Assembling a;
  for (int i = 0; i < 4000; ++i) a.line(audit_line("PATH", kStart, 1, "item=" + std::to_string(i)));
  for (int i = 0; i < 4000; ++i) EXPECT_FALSE(a.line(audit_line("PATH", kStart, 1, "item=" + std::to_string(i))));
  a.line(audit_line("PROCTITLE", kStart, 1));
  EXPECT_EQ(keys(a), (Keys{"1/4001"}));
  for (int i = 0; i < 4000; ++i) EXPECT_FALSE(a.line(audit_line("PATH", kStart, 1, "item=" + std::to_string(i))));
  EXPECT_TRUE(a.line(audit_line("PATH", kStart, 2, "item=1")));
}

TEST(AuditAssembler, ClosedEventsAreForgottenInOrder) {
  Assembling a({.closed_kept = 2});
  for (uint64_t serial = 1; serial <= 3; ++serial) a.line(audit_line("USER_CMD", kStart, serial));
  EXPECT_FALSE(a.line(audit_line("USER_CMD", kStart, 3)));
  EXPECT_FALSE(a.line(audit_line("USER_CMD", kStart, 2)));
  EXPECT_TRUE(a.line(audit_line("USER_CMD", kStart, 1)));
  EXPECT_EQ(a.events.back().closed, Closed::complete);
}

TEST(AuditAssembler, IdleClosesByWallTime) {
  Assembling a;
  a.line(audit_line("SECCOMP", kStart, 1));
  a.idle(10 * kSecond);
  a.line(audit_line("SECCOMP", kStart, 2));
  a.idle(11 * kSecond);
  a.idle(12 * kSecond - 1);
  EXPECT_TRUE(a.events.empty());
  a.idle(12 * kSecond);
  EXPECT_EQ(keys(a), (Keys{"1/1"}));
  a.idle(13 * kSecond);
  EXPECT_EQ(keys(a), (Keys{"1/1", "2/1"}));
  EXPECT_EQ(a.events[1].closed, Closed::end);
}

TEST(AuditAssembler, KnowsWhetherSystemCallsHaveAProctitle) {
  Assembling a;
  std::vector<bool> expected;
  a.look = [&expected](const AssembledEvent& event) { expected.push_back(event.proctitle_expected); };
  a.line(audit_line("SYSCALL", kStart, 1));
  a.line(audit_line("EOE", kStart, 1, ""));
  a.line(audit_line("SYSCALL", kStart, 2));
  a.line(audit_line("PROCTITLE", kStart, 2));
  a.line(audit_line("USER_CMD", kStart, 3));
  a.line(audit_line("SYSCALL", kStart, 4));
  a.flush();
  EXPECT_EQ(expected, (std::vector<bool>{false, false, true, true}));
}

TEST(AuditAssembler, LimitOfEvents) {
  Assembling a({.events_max = 3});
  for (uint64_t serial = 1; serial <= 3; ++serial) a.line(audit_line("SYSCALL", kStart, serial));
  a.line(audit_line("PATH", kStart, 1));
  EXPECT_TRUE(a.events.empty());
  a.line(audit_line("SYSCALL", kStart, 4));
  EXPECT_EQ(keys(a), (Keys{"1/2"}));
  EXPECT_EQ(a.events[0].closed, Closed::full);
}

TEST(AuditAssembler, LimitOfRecords) {
  Assembling a({.records_max = 3});
  for (int i = 0; i < 5; ++i) a.line(audit_line("PATH", kStart, 1, "item=" + std::to_string(i)));
  a.flush();
  ASSERT_EQ(keys(a), (Keys{"1/3", "1/2"}));
  EXPECT_EQ(a.events[0].closed, Closed::full);
  EXPECT_EQ(a.events[1].closed, Closed::late);
}

TEST(AuditAssembler, LimitOfBytes) {
  Assembling a({.bytes_max = 100'000});
  const std::string large(40'000, 'x');
  a.line(audit_line("PATH", kStart, 1, large));
  a.line(audit_line("PATH", kStart, 2, large));
  EXPECT_TRUE(a.events.empty());
  a.line(audit_line("PATH", kStart, 2, large + "y"));
  EXPECT_EQ(keys(a), (Keys{"1/1"}));
  a.line(audit_line("PATH", kStart, 2, std::string(1'000'000, 'z')));  // alone beyond the limit
  a.flush();
  ASSERT_EQ(keys(a), (Keys{"1/1", "2/2", "2/1"}));
  EXPECT_EQ(a.events[2].lines[0].size(), audit_line("PATH", kStart, 2).size() - 3 + 1'000'000);
  EXPECT_EQ(a.assembler.open_records(0), 0u);
}

TEST(AuditAssembler, KeysOfOneHashAreNotMixed) {
  // A serial chosen so that the hash of another time comes out the same.
  const EventKey key{"", 1700000000, 0, 1};
  EventKey forged{"", 1700000000, 1, 0};
  const auto stamp = [](const EventKey& k) {
    return (static_cast<uint64_t>(k.second) * 1000 + k.millisecond) * 0x9e3779b97f4a7c15u;
  };
  const uint64_t constant = 0xbf58476d1ce4e5b9u;
  const uint64_t wanted = stamp(key) ^ (key.serial + constant + (stamp(key) >> 29));
  forged.serial = (wanted ^ stamp(forged)) - constant - (stamp(forged) >> 29);
  ASSERT_EQ(hash(key), hash(forged));
  Assembling a;
  a.line(audit_line("SYSCALL", kStart, key.serial));
  a.line(audit_line("SYSCALL", kStart + 1, forged.serial));
  a.flush();
  ASSERT_EQ(a.events.size(), 2u);
  EXPECT_NE(a.events[0].key, a.events[1].key);
}

}  // namespace
}  // namespace acta::audit
