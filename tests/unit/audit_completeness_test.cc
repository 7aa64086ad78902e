#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "processors/audit/completeness.h"
#include "support/audit_lines.h"

namespace acta::audit {
namespace {

using test::Assembling;
using test::audit_line;

using Names = std::vector<std::string>;

// What is missing in the one event that records "TYPE BODY" make.
Names missing(const std::vector<std::pair<std::string, std::string>>& records, Closed closed = Closed::end,
              bool proctitle_expected = false) {
  Assembling a;
  Names names{"no event"};
  a.look = [&](const AssembledEvent& event) {
    AssembledEvent changed = event;
    changed.closed = closed;
    changed.proctitle_expected = proctitle_expected;
    names = missing_records(changed);
  };
  for (const auto& [type, body] : records) a.line(audit_line(type, 1'000'000, 1, body));
  a.flush();
  EXPECT_EQ(a.events.size(), 1u);
  return names;
}

const std::string kCall = "arch=c000003e syscall=2 success=yes exit=3 a0=1 items=2 ppid=1 comm=\" items=9\"";

TEST(AuditCompleteness, NothingMissing) {
  EXPECT_EQ(missing({{"SYSCALL", kCall},
                     {"CWD", "cwd=\"/\""},
                     {"PATH", "item=0 name=\"a\""},
                     {"PATH", "item=1 name=\"b\""},
                     {"PROCTITLE", "p"}}),
            Names{});
  EXPECT_EQ(missing({{"SECCOMP", "auid=1"}}), Names{});
  EXPECT_EQ(missing({{"SYSCALL", "arch=c000003e syscall=2 comm=\"items=3\""}}), Names{});
}

TEST(AuditCompleteness, PathsByItems) {
  EXPECT_EQ(missing({{"SYSCALL", kCall}, {"PATH", "item=1 name=\"b\""}}), (Names{"PATH item=0"}));
  EXPECT_EQ(missing({{"SYSCALL", kCall}}), (Names{"PATH item=0", "PATH item=1"}));
  EXPECT_EQ(missing({{"URINGOP", "uring_op=18 success=yes exit=0 items=1 ppid=1"}}), (Names{"PATH item=0"}));
  const Names many = missing({{"SYSCALL", "arch=c000003e syscall=2 items=9000000000000000000 ppid=1"}});
  EXPECT_EQ(many.size(), 17u);
  EXPECT_EQ(many.back(), "PATH 8999999999999999984 more");
}

TEST(AuditCompleteness, MessageQueuesHideOne) {
  EXPECT_EQ(missing({{"SYSCALL", "arch=c000003e syscall=240 success=yes items=2 ppid=1"}, {"PATH", "item=0"}}),
            Names{});
}

TEST(AuditCompleteness, SystemCall) {
  EXPECT_EQ(missing({{"CWD", "cwd=\"/\""}, {"PATH", "item=0"}}), (Names{"SYSCALL"}));
  EXPECT_EQ(missing({{"ANOM_LINK", "op=linkat"}, {"PATH", "item=0"}}), Names{});
  EXPECT_EQ(missing({{"AVC", "avc:  denied"}}), Names{});
}

TEST(AuditCompleteness, Arguments) {
  const std::string call = "arch=c000003e syscall=59 success=yes items=0 ppid=1";
  EXPECT_EQ(missing({{"SYSCALL", call}, {"EXECVE", "argc=4 a0=\"x\" a2=\"y\""}}), Names{});
  EXPECT_EQ(missing({{"SYSCALL", call}, {"EXECVE", "argc=3 a0=\"" + std::string(7200, 'x') + "\""}}),
            (Names{"EXECVE a1..a2"}));
  EXPECT_EQ(missing({{"SYSCALL", call}, {"EXECVE", "a1=\"y\""}}), (Names{"EXECVE argc", "EXECVE a0"}));
  EXPECT_EQ(missing({{"SYSCALL", call}, {"EXECVE", "argc=1 a0_len=8000 a0[0]=\"" + std::string(7400, 'x') + "\""}}),
            (Names{"EXECVE a0"}));
}

TEST(AuditCompleteness, ByHowItWasClosed) {
  const std::string call = "arch=c000003e syscall=59 success=yes items=0 ppid=1";
  EXPECT_EQ(missing({{"SYSCALL", call}}, Closed::full), (Names{"PROCTITLE"}));
  EXPECT_EQ(missing({{"SYSCALL", call}}, Closed::age, true), Names{});
  EXPECT_EQ(missing({{"SYSCALL", call}}, Closed::end, true), (Names{"PROCTITLE"}));
  EXPECT_EQ(missing({{"SYSCALL", call}}, Closed::end, false), Names{});
  EXPECT_EQ(missing({{"PATH", "item=0"}}, Closed::late), Names{});
}

}  // namespace
}  // namespace acta::audit
