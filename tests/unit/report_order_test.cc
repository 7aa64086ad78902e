#include <gtest/gtest.h>

#include "report/audit/order.h"

namespace acta::report::audit {
namespace {

struct Given {
  const char* type;
  int second;
  unsigned milli;
  uint64_t serial;
  const char* more = nullptr;  ///< types of further records
};

AuditEvent event_of(const Given& given) {
  std::string text;
  for (const char* type : {given.type, given.more}) {
    if (type != nullptr)
      text += std::string("type=") + type + " msg=audit(" + std::to_string(given.second) + "." +
              std::to_string(given.milli) + ":" + std::to_string(given.serial) + "): pid=1\\n";
  }
  std::string json = R"({"event":{"original":")" + text + "\"}}";
  Document document;
  EXPECT_TRUE(document.parse(json.data()));
  std::vector<AuditEvent> events;
  EXPECT_TRUE(make_events(document, Compat::v4, false, events));
  return std::move(events.front());
}

/// The serials in the order in which the tools show them.
std::vector<uint64_t> shown(const std::vector<Given>& documents) {
  std::vector<uint64_t> serials;
  EventOrder order(
      Compat::v4, [](const AuditEvent&) { return true; }, [&](AuditEvent& event) { serials.push_back(event.serial); },
      EventOrder::kEndOfEvent);
  for (const Given& one : documents) order.add(event_of(one));
  order.flush();
  return serials;
}

using Serials = std::vector<uint64_t>;

TEST(ReportOrder, AnEventThatWasCompleteLateIsInItsPlace) {
  EXPECT_EQ(shown({{"USER_AUTH", 100, 8, 12}, {"USER_ACCT", 100, 12, 13}, {"SYSCALL", 100, 4, 11, "PROCTITLE"}}),
            (Serials{11, 12, 13}));
}

TEST(ReportOrder, ACallThatTookLongIsShownWhenItEnds) {
  // Its stamp is of its beginning, its serial of its end: the tools have shown 12 before they read it.
  EXPECT_EQ(shown({{"USER_AUTH", 100, 8, 12}, {"SYSCALL", 100, 4, 13, "PROCTITLE"}}), (Serials{12, 13}));
}

TEST(ReportOrder, MessagesOfProgramsStayAsTheyCame) {
  EXPECT_EQ(shown({{"USER_AUTH", 100, 8, 13}, {"USER_ACCT", 100, 8, 12}}), (Serials{13, 12}));
}

TEST(ReportOrder, ALowerSerialOfAnotherBootStaysBehind) {
  EXPECT_EQ(shown({{"SYSCALL", 100, 0, 90'000, "PROCTITLE"}, {"SYSCALL", 5000, 0, 7, "PROCTITLE"}}),
            (Serials{90'000, 7}));
}

TEST(ReportOrder, AnEventWithoutEndStaysInItsBoot) {
  EXPECT_EQ(shown({{"SYSCALL", 100, 0, 90'000, "PROCTITLE"},
                   {"USER_AUTH", 5000, 0, 7},
                   {"USER_ACCT", 5001, 0, 8},
                   {"SYSCALL", 101, 0, 90'001, "CWD"}}),
            (Serials{90'000, 90'001, 7, 8}));
}

TEST(ReportOrder, AnEarlierStampWaitsForTwoSeconds) {
  EXPECT_EQ(shown({{"SYSCALL", 100, 5, 11, "PROCTITLE"}, {"USER_AUTH", 101, 0, 12}, {"SYSCALL", 100, 900, 13, "CWD"}}),
            (Serials{11, 13, 12}));
}

TEST(ReportOrder, NoMoreEventsThanTheLimitAreKept) {
  std::vector<Given> documents;
  for (uint64_t i = 0; i < EventOrder::kOpenMax + 2000; ++i) documents.push_back({"SYSCALL", 100, 0, i + 1, "CWD"});
  EXPECT_EQ(shown(documents).size(), documents.size());
}

}  // namespace
}  // namespace acta::report::audit
