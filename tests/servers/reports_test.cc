// The classic commands over a real cluster: what they print of documents there is what they print of the same in files.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>
#include <vector>

#include "support/audit_documents.h"
#include "support/child.h"
#include "support/setup_fixture.h"
#include "support/shared.h"

namespace acta {
namespace {

using test::Ran;
using test::Server;
using test::ServerKind;

constexpr const char* kSample = "config/samples/audit.log";
constexpr const char* kAccounting = "config/samples/pacct";

/// Of a cluster rows come by time, and nothing out of the period: what rests on the order of a log is left out.
std::string comparable(const std::string& output, const std::string& command) {
  std::vector<std::string> kept;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("Range of time") && !line.starts_with("Selected time")) kept.push_back(line);
  }
  const auto has = [&](const char* word) { return command.find(word) != std::string::npos; };
  if (has("csv") || has("lastcomm")) std::ranges::sort(kept);
  std::string text;
  for (const std::string& line : kept) text += line + "\n";
  return text;
}

class ReportsTest : public test::SetupFixture {
 protected:
  /// The documents of the sample, by two hosts.
  std::string make_documents() {
    std::string text;
    for (const auto& [host, file] : {std::pair<std::string, const char*>{"web1", kSample},
                                     {"db1", kSample},
                                     {"web1", kAccounting},
                                     {"db1", kAccounting}}) {
      const Ran ran = test::run_actabeat("replay --original " + test::source_path(file) + " --host-id " + host);
      EXPECT_EQ(ran.status, 0);
      std::istringstream lines(ran.output);
      for (std::string line; std::getline(lines, line);) {
        rapidjson::Document document;
        document.Parse(line.data(), line.size());
        document["host"]["name"].SetString(host.data(), static_cast<rapidjson::SizeType>(host.size()),
                                           document.GetAllocator());
        text += test::to_text(document) + "\n";
      }
    }
    return dir_.write("documents.ndjson", text);
  }

  /// `space`: a test that counts has one of its own, for not every server deletes streams.
  void ship(const Server& server, const std::string& documents, const std::string& space = "reports") {
    std::istringstream lines(test::read_text(documents));
    std::string bulk;
    const auto send = [&] {
      if (bulk.empty()) return;
      const std::string answer = curl(server, "POST", "/_bulk?filter_path=errors", bulk);
      EXPECT_NE(answer.find("\"errors\":false"), std::string::npos) << answer;
      bulk.clear();
    };
    for (std::string line; std::getline(lines, line);) {
      const bool process = line.find("\"dataset\":\"actabeat.accounting\"") != std::string::npos;
      bulk += std::string("{\"create\":{\"_index\":\"logs-actabeat.") + (process ? "accounting" : "audit") + "-" +
              space + "\"}}\n" + line + "\n";
      if (bulk.size() > 4'000'000) send();
    }
    send();
    static_cast<void>(curl(server, "POST", "/logs-actabeat.*-" + space + "/_refresh"));
  }
};

TEST_P(ReportsTest, PrintTheSameOfAClusterAsOfFiles) {
  NEEDS_SERVER(server, GetParam());
  clean(server);
  const std::string config = config_of(server);
  ASSERT_EQ(run("setup", config).status, 0);
  const std::string documents = make_documents();
  ship(server, documents);
  for (const std::string command :
       {"aureport", "aureport --host web1", "aureport -e -i --summary", "aureport -l -i --host db1",
        "aureport -x --summary --by host", "aureport -f --host web1", "ausearch -m USER_LOGIN --of-host web1",
        "ausearch --format csv --of-host db1", "aulast --host web1", "auvirt -a --by host", "auvirt -s",
        "lastcomm --host web1", "lastcomm --user root --pid", "sa -a -c --host db1", "sa -m", "sa -Mc --by host",
        "aureport -ts 11/23/26 02:37:20 -te 11/23/26 02:37:40 --host web1"}) {
    const Ran files =
        test::run_shell("LC_ALL=C TZ=UTC " + test::program_path() + " " + command + " --from " + documents);
    const Ran cluster = test::run_shell("LC_ALL=C TZ=UTC " + test::program_path() + " " + command +
                                        " --from elasticsearch --config-file " + config +
                                        " -E output.elasticsearch.namespace=reports 2>&1");
    EXPECT_EQ(cluster.status, files.status) << command;
    EXPECT_EQ(comparable(cluster.output, command), comparable(files.output, command)) << command;
    EXPECT_GT(files.output.size(), 50u) << command;
  }
}

TEST_P(ReportsTest, FollowShowsWhatComes) {
  NEEDS_SERVER(server, GetParam());
  clean(server);
  const std::string config = config_of(server);
  ASSERT_EQ(run("setup", config).status, 0);
  std::istringstream lines(test::read_text(make_documents()));
  std::vector<std::string> logins;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("\"USER_LOGIN\"") != std::string::npos) logins.push_back(line + "\n");
  }
  ASSERT_GE(logins.size(), 2u);
  ship(server, dir_.write("first.ndjson", logins.front()), "follow");
  test::Child child({test::program_path(), "aureport", "-l", "--tz", "UTC", "--follow", "--from", "elasticsearch",
                     "--config-file", config, "-E", "output.elasticsearch.namespace=follow"},
                    dir_ / "rows");
  const auto comes = [&](const char* row) {
    for (int i = 0; i < 600; ++i) {
      if (dir_.read("rows").find(row) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  };
  EXPECT_TRUE(comes("\n1. ")) << dir_.read("rows");
  ship(server, dir_.write("second.ndjson", logins[1]), "follow");
  EXPECT_TRUE(comes("\n2. ")) << dir_.read("rows");
  child.kill(SIGINT);
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(dir_.read("rows").find("\n3. "), std::string::npos) << dir_.read("rows");
}

TEST_P(ReportsTest, SayWhatIsNotThere) {
  NEEDS_SERVER(server, GetParam());
  const Ran none = test::run_actabeat("aureport --from elasticsearch --config-file " + config_of(server) +
                                      " -E output.elasticsearch.namespace=nowhere 2>&1");
  EXPECT_EQ(none.status, 1);
  EXPECT_NE(none.output.find("has no index or data stream logs-actabeat.*-nowhere"), std::string::npos) << none.output;
  if (!server.secure()) return;
  const Ran denied =
      test::run_actabeat("aureport --from elasticsearch --config-file " + config_of(server, "", "nobody") + " 2>&1");
  EXPECT_EQ(denied.status, 1);
  EXPECT_NE(denied.output.find("403"), std::string::npos) << denied.output;
  EXPECT_EQ(denied.output.find(Server::password()), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(OpenSearch, ReportsTest, testing::Values(ServerKind::opensearch));
INSTANTIATE_TEST_SUITE_P(ElasticsearchSecure, ReportsTest, testing::Values(ServerKind::elasticsearch_secure));

}  // namespace
}  // namespace acta
