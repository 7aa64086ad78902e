#include <gtest/gtest.h>

#include "report/audit/order.h"

namespace acta::report::audit {
namespace {

struct Given {
  const char* type;
  int second;
  unsigned milli;
  uint64_t serial;
  const char* more = nullptr;   ///< type of a further record
  const char* place = nullptr;  ///< the members of actabeat
  const char* host = "web1";
};

std::vector<AuditEvent> events_of(const Given& given) {
  std::string text;
  for (const char* type : {given.type, given.more}) {
    if (type != nullptr)
      text += std::string("type=") + type + " msg=audit(" + std::to_string(given.second) + "." +
              std::to_string(given.milli) + ":" + std::to_string(given.serial) + "): pid=1\\n";
  }
  std::string json = R"({"event":{"original":")" + text + "\"}";
  json += std::string(R"(,"host":{"name":")") + given.host + "\"}";
  if (given.place != nullptr) json += std::string(R"(,"actabeat":{)") + given.place + "}";
  json += "}";
  Document document;
  EXPECT_TRUE(document.parse(json.data()));
  std::vector<AuditEvent> events;
  EXPECT_TRUE(make_events(document, Compat::v4, false, events));
  return events;
}

/// "SERIAL/RECORDS" of each event, in the order in which the tools show them.
std::vector<std::string> shown_whole(const std::vector<Given>& documents) {
  std::vector<std::string> out;
  EventOrder order(
      Compat::v4, [](const AuditEvent&) { return true; },
      [&](AuditEvent& event) {
        for (const AuditRecord& each : event.records) EXPECT_TRUE(each.message.starts_with("type=")) << each.message;
        out.push_back(std::to_string(event.serial) + "/" + std::to_string(event.records.size()));
      },
      EventOrder::kEndOfEvent);
  for (const Given& one : documents) {
    for (AuditEvent& event : events_of(one)) order.add(std::move(event));
  }
  order.flush();
  return out;
}

/// The serials.
std::vector<uint64_t> shown(const std::vector<Given>& documents) {
  std::vector<uint64_t> serials;
  for (const std::string& each : shown_whole(documents)) serials.push_back(std::stoull(each));
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

using Whole = std::vector<std::string>;

TEST(ReportOrder, PlacesAreBeforeSerials) {
  EXPECT_EQ(shown({{"USER_AUTH", 100, 0, 12, nullptr, R"("fingerprint":"a","offset":200)"},
                   {"USER_AUTH", 100, 0, 13, nullptr, R"("fingerprint":"a","offset":100)"},
                   {"SYSCALL", 100, 0, 11, "PROCTITLE", R"("fingerprint":"a","offset":300)"}}),
            (Serials{13, 12, 11}));
}

TEST(ReportOrder, LogsStayBehindEachOther) {
  EXPECT_EQ(shown({{"USER_AUTH", 200, 0, 1, nullptr, R"("fingerprint":"a","offset":200)"},
                   {"USER_AUTH", 100, 0, 2, nullptr, R"("fingerprint":"b","offset":0)"},
                   {"USER_AUTH", 200, 0, 3, nullptr, R"("fingerprint":"a","offset":100)"}}),
            (Serials{3, 1, 2}));
}

TEST(ReportOrder, HostsStayAsTheDocumentsHaveThem) {
  EXPECT_EQ(shown({{"USER_AUTH", 100, 0, 1, nullptr, R"("fingerprint":"a","offset":100)", "web1"},
                   {"USER_AUTH", 200, 0, 2, nullptr, R"("fingerprint":"b","offset":0)", "db1"},
                   {"USER_AUTH", 300, 0, 3, nullptr, R"("fingerprint":"a","offset":200)", "web1"},
                   {"USER_AUTH", 300, 0, 4, nullptr, R"("fingerprint":"a","offset":150)", "web1"}}),
            (Serials{1, 2, 4, 3}));
}

TEST(ReportOrder, TheEndOfALogIsBeforeTheNextOne) {
  EXPECT_EQ(shown({{"USER_AUTH", 100, 0, 1, nullptr, R"("fingerprint":"a","offset":100)"},
                   {"USER_AUTH", 200, 0, 2, nullptr, R"("fingerprint":"b","offset":0)"},
                   {"USER_AUTH", 100, 0, 3, nullptr, R"("fingerprint":"a","offset":200)"}}),
            (Serials{1, 3, 2}));
}

TEST(ReportOrder, ALogThatIsToldTwiceIsShownTwice) {
  constexpr int kEvents = 5000;  // more than the window
  std::vector<std::string> places;
  for (int i = 0; i < kEvents; ++i) places.push_back(R"("fingerprint":"a","offset":)" + std::to_string(i * 100));
  std::vector<Given> documents;
  Serials expected;
  for (int i = 0; i < 2 * kEvents; ++i) {
    const int event = i % kEvents;
    expected.push_back(static_cast<uint64_t>(event + 1));
    documents.push_back(
        {"USER_AUTH", 100 + event, 0, expected.back(), nullptr, places[static_cast<size_t>(event)].c_str()});
  }
  EXPECT_EQ(shown(documents), expected);
}

TEST(ReportOrder, PartsOfAnEventComeTogetherAgain) {
  EXPECT_EQ(
      shown_whole({{"USER_AUTH", 100, 0, 12, nullptr, R"("fingerprint":"a","offset":100)"},
                   {"SYSCALL", 100, 0, 11, "PROCTITLE", R"("fingerprint":"a","offset":0,"record_offsets":[0,200])"}}),
      (Whole{"11/2", "12/1"}));
}

TEST(ReportOrder, AnEventIsTornWhereTheToolsTearIt) {
  // 2 s of the log lie between its records.
  EXPECT_EQ(
      shown_whole({{"USER_AUTH", 102, 0, 12, nullptr, R"("fingerprint":"a","offset":100)"},
                   {"SYSCALL", 100, 0, 11, "PROCTITLE", R"("fingerprint":"a","offset":0,"record_offsets":[0,200])"}}),
      (Whole{"11/1", "12/1", "11/1"}));
}

TEST(ReportOrder, NoMoreEventsThanTheLimitAreKept) {
  std::vector<Given> documents;
  for (uint64_t i = 0; i < EventOrder::kOpenMax + 2000; ++i) documents.push_back({"SYSCALL", 100, 0, i + 1, "CWD"});
  EXPECT_EQ(shown(documents).size(), documents.size());
}

}  // namespace
}  // namespace acta::report::audit
