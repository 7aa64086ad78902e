// What the agent ships of logins against what aulast and auvirt print of the same logs.
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "event/encoder.h"
#include "processors/history/follower.h"
#include "support/audit_documents.h"
#include "support/shared.h"

namespace acta {
namespace {

using test::text_at;

std::vector<rapidjson::Document> follow(const std::string& log, const std::string& folder) {
  std::vector<rapidjson::Document> documents;
  const auto follower = history::make_follower();
  test::AuditRunOptions options;
  options.host_name = "node-a.example";  // the node of one of the logs, so that its users are these
  options.passwd = options.group = folder + "/passwd";
  options.look = [&](const Event& event) {
    follower->follow(event, [&](Event& made) {
      std::string json;
      Encoder::encode(made, json);
      documents.emplace_back().Parse(json.data(), json.size());
    });
  };
  test::decode_audit(log, options);
  return documents;
}

/// "2026-11-23T02:37:15.024Z" as minutes and words of aulast: "Mon Nov 23 02:37" without the day's name.
std::string clock_of(const std::string& time) {
  return "Nov " + time.substr(8, 2) + " " + time.substr(11, 5);
}

/// Lines of what is over, each as "alice pts/0 127.0.0.1 Nov 23 02:37".
std::multiset<std::string> lines_of(const std::string& text) {
  std::multiset<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.find("- ") == std::string::npos || line.find("ausearch") != std::string::npos) continue;
    std::istringstream words(line.substr(0, 8) + " " + line.substr(9, 12) + "|" + line.substr(22, 16) + "|" +
                             line.substr(43, 12));
    std::string joined;
    for (std::string word; words >> word;) joined += (joined.empty() ? "" : " ") + word;
    lines.insert(joined);
  }
  return lines;
}

std::string line_of(const rapidjson::Document& one) {
  const bool boot = text_at(one, "actabeat.session.kind") == "boot";
  return (boot ? "reboot" : text_at(one, "user.name")) + " " +
         (boot ? "system boot" : text_at(one, "actabeat.session.terminal")) + " |" +
         (boot ? text_at(one, "actabeat.session.kernel") : text_at(one, "source.address")) + " |" +
         clock_of(text_at(one, "event.start"));
}

void expect_logins(const std::string& log, const std::string& folder, const std::string& expected) {
  std::multiset<std::string> ours;
  for (const rapidjson::Document& document : follow(log, folder)) {
    if (text_at(document, "event.dataset") == "actabeat.session") ours.insert(line_of(document));
  }
  EXPECT_EQ(ours, lines_of(test::read_text(expected)));
  EXPECT_FALSE(ours.empty());
}

TEST(HistoryGolden, LoginsAreThoseOfAulast) {
  SKIP_WITHOUT_SHARED(shared);
  const std::string live = *shared + "/golden/live";
  expect_logins(test::read_text(live + "/audit/audit-enriched.log"), live + "/audit",
                live + "/audit/expected-enriched/aulast-proof.txt");
  expect_logins(test::read_text(live + "/audit/audit-raw.log"), live + "/audit",
                live + "/audit/expected-enriched/aulast-proof.txt");
  const std::string stream = live + "/stream";
  expect_logins(test::read_text(stream + "/audit.log.2") + test::read_text(stream + "/audit.log.1") +
                    test::read_text(stream + "/audit.log"),
                stream, stream + "/expected/aulast-proof.txt");
}

TEST(HistoryGolden, GuestsAreThoseOfAuvirt) {
  SKIP_WITHOUT_SHARED(shared);
  const std::string live = *shared + "/golden/live/audit";
  std::vector<std::string> ours;
  for (const rapidjson::Document& one : follow(test::read_text(live + "/audit-enriched.log"), live)) {
    if (text_at(one, "event.dataset") != "actabeat.machine") continue;
    ours.push_back(text_at(one, "actabeat.machine.name") + " " + text_at(one, "event.reason") + " " +
                   text_at(one, "actabeat.machine.sequences"));
  }
  // auvirt --all-events --proof: the start with its end, the start that failed; the last start is open there, and cut
  // by the boot here.
  EXPECT_EQ(ours, (std::vector<std::string>{"web vm failed 784378", "wcg-node3 stopped 784370|784392",
                                            "wcg-node3 down 784394|784428"}));
}

}  // namespace
}  // namespace acta
