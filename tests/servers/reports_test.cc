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
#include "support/watching_proxy.h"

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

/// A log an hour later, with other serials.
std::string shifted(const std::string& log) {
  constexpr long kSeconds = 3600, kSerials = 100'000;
  constexpr std::string_view kStamp = "audit(";
  std::string text;
  for (size_t from = 0, at = 0; from < log.size(); from = at) {
    at = std::min(log.find(kStamp, from), log.size());
    text.append(log, from, at - from);
    if (at == log.size()) break;
    at += kStamp.size();
    const size_t point = log.find('.', at), colon = log.find(':', at), end = log.find(')', at);
    text.append(kStamp).append(std::to_string(std::stol(log.substr(at, point - at)) + kSeconds));
    text.append(log, point, colon + 1 - point);
    text += std::to_string(std::stol(log.substr(colon + 1, end - colon - 1)) + kSerials);
    at = end;
  }
  return text;
}

/// Documents in the answers of searches.
size_t documents_in(const std::vector<std::string>& answers) {
  size_t documents = 0;
  for (const std::string& answer : answers) {
    rapidjson::Document json;
    json.Parse(answer.data(), answer.size());
    EXPECT_TRUE(json.IsObject() && json.HasMember("hits")) << answer;
    if (json.IsObject() && json.HasMember("hits")) documents += json["hits"]["hits"].Size();
  }
  return documents;
}

// A loss in the time of the sample.
constexpr const char* kLoss =
    R"({"@timestamp":"2026-11-23T02:37:30.000Z","event":{"dataset":"actabeat.lost","kind":"pipeline_error",)"
    R"("start":"2026-11-23T02:37:20.000Z","end":"2026-11-23T02:37:30.000Z"},"host":{"name":"web1"},)"
    R"("ecs":{"version":"9.4.0"},"message":"5 records lost"})";

class ReportsTest : public test::SetupFixture {
 protected:
  /// The documents of a file as a host ships them.
  static std::string documents_of(const std::string& file, const std::string& host) {
    const Ran ran = test::run_actabeat("replay --original " + file + " --host-id " + host);
    EXPECT_EQ(ran.status, 0) << ran.output;
    std::string text;
    std::istringstream lines(ran.output);
    for (std::string line; std::getline(lines, line);) {
      rapidjson::Document document;
      document.Parse(line.data(), line.size());
      document["host"]["name"].SetString(host.data(), static_cast<rapidjson::SizeType>(host.size()),
                                         document.GetAllocator());
      text += test::to_text(document) + "\n";
    }
    return text;
  }

  /// The same command over the cluster and over files: what it prints has to be equal. Returns what came from files.
  std::string expect_same(const std::string& command, const std::string& cluster, const std::string& documents) {
    const std::string program = "LC_ALL=C TZ=UTC " + test::program_path() + " " + command + " --from ";
    const Ran files = test::run_shell(program + documents);
    const Ran told = test::run_shell(program + "elasticsearch --config-file " + cluster +
                                     " -E output.elasticsearch.namespace=" + space_ + " 2>&1");
    EXPECT_EQ(told.status, files.status) << command;
    EXPECT_EQ(comparable(told.output, command), comparable(files.output, command)) << command;
    return files.output;
  }

  /// A configuration that reaches the server by a proxy.
  std::string config_by(const test::WatchingProxy& proxy) {
    return dir_.write("proxy.yml", "path.data: " + dir_ / "data" + "\nactabeat.inputs: [{type: audit_log, paths: [" +
                                       dir_ / "audit.log" + "]}]\noutput.elasticsearch.hosts: ['" + proxy.url() +
                                       "']\n");
  }

  /// The documents of the sample, by two hosts.
  std::string make_documents() {
    std::string text;
    for (const auto& [host, file] : {std::pair<std::string, const char*>{"web1", kSample},
                                     {"db1", kSample},
                                     {"web1", kAccounting},
                                     {"db1", kAccounting}}) {
      text += documents_of(test::source_path(file), host);
    }
    return dir_.write("documents.ndjson", text);
  }

  void ship(const Server& server, const std::string& documents) {
    std::istringstream lines(test::read_text(documents));
    std::string bulk;
    const auto send = [&] {
      if (bulk.empty()) return;
      const std::string answer = curl(server, "POST", "/_bulk?filter_path=errors", bulk);
      EXPECT_NE(answer.find("\"errors\":false"), std::string::npos) << answer;
      bulk.clear();
    };
    for (std::string line; std::getline(lines, line);) {
      const auto is_of = [&line](const std::string& dataset) {
        return line.find("\"dataset\":\"actabeat." + dataset + "\"") != std::string::npos;
      };
      const std::string dataset = is_of("accounting") ? "accounting" : is_of("lost") ? "lost" : "audit";
      bulk += "{\"create\":{\"_index\":\"logs-actabeat." + dataset + "-" + space_ + "\"}}\n" + line + "\n";
      if (bulk.size() > 4'000'000) send();
    }
    send();
    static_cast<void>(curl(server, "POST", "/logs-actabeat.*-" + space_ + "/_refresh"));
  }

  std::string space_ = "reports";  ///< a test that counts has one of its own, for not every server deletes streams
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
    EXPECT_GT(expect_same(command, config, documents).size(), 50u) << command;
  }
}

TEST_P(ReportsTest, FollowShowsWhatComes) {
  NEEDS_SERVER(server, GetParam());
  space_ = "follow";
  clean(server);
  const std::string config = config_of(server);
  ASSERT_EQ(run("setup", config).status, 0);
  std::istringstream lines(test::read_text(make_documents()));
  std::vector<std::string> logins;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("\"USER_LOGIN\"") != std::string::npos) logins.push_back(line + "\n");
  }
  ASSERT_GE(logins.size(), 2u);
  ship(server, dir_.write("first.ndjson", logins.front()));
  test::Child child({test::program_path(), "aureport", "-l", "--tz", "UTC", "--follow", "--from", "elasticsearch",
                     "--config-file", config, "-E", "output.elasticsearch.namespace=" + space_},
                    dir_ / "rows");
  const auto comes = [&](const char* row) {
    for (int i = 0; i < 600; ++i) {
      if (dir_.read("rows").find(row) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  };
  EXPECT_TRUE(comes("\n1. ")) << dir_.read("rows");
  ship(server, dir_.write("second.ndjson", logins[1]));
  EXPECT_TRUE(comes("\n2. ")) << dir_.read("rows");
  child.kill(SIGINT);
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(dir_.read("rows").find("\n3. "), std::string::npos) << dir_.read("rows");
}

constexpr const char* kSummaries[] = {"",   "-e",     "-k",     "-s", "-u", "-l",         "-au", "-x",
                                      "-f", "-h",     "-tm",    "-n", "-c", "-m",         "-ma", "-cr",
                                      "-r", "--virt", "--comm", "-p", "-a", "--integrity"};

TEST_P(ReportsTest, TellFiguresWithoutADocument) {
  NEEDS_SERVER(server, GetParam());
  space_ = "figures";
  clean(server);
  ASSERT_EQ(run("setup", config_of(server)).status, 0);
  const std::string log = test::read_text(test::source_path(kSample));
  const std::string documents =
      dir_.write("figures.ndjson", documents_of(test::source_path(kSample), "web1") +
                                       documents_of(dir_.write("later.log", shifted(log)), "db1"));
  ship(server, documents);
  test::WatchingProxy proxy(server);
  const std::string config = config_by(proxy);
  const std::string second = "11/23/26 02:37:";
  for (const std::string report : kSummaries) {
    for (const std::string& more :
         {std::string(), std::string("-i"), std::string("--failed --by host"), std::string("--success --compat 4"),
          "-i --of-host web1 -ts " + second + "14 -te " + second + "40"}) {
      expect_same("aureport " + report + (report.empty() ? " " : " --summary ") + more, config, documents);
      const auto answers = proxy.take_answers();
      EXPECT_EQ(documents_in(answers), 0u) << report << " " << more;
      EXPECT_EQ(answers.size(), report.empty() ? 10u : 2u) << report;  // a page of each question, and one of the rest
    }
  }
}

// Documents of an agent that did not write yet what they are counted by.
TEST_P(ReportsTest, CountWhatCannotBeGroupedOneByOne) {
  NEEDS_SERVER(server, GetParam());
  space_ = "older";
  clean(server);
  ASSERT_EQ(run("setup", config_of(server)).status, 0);
  std::istringstream lines(documents_of(test::source_path(kSample), "web1"));
  std::string text;
  size_t older = 0, all = 0;
  for (std::string line; std::getline(lines, line); ++all) {
    rapidjson::Document document;
    document.Parse(line.data(), line.size());
    if (all % 3 == 0) older += document["auditd"].RemoveMember("records") ? 1 : 0;
    text += test::to_text(document) + "\n";
  }
  const std::string documents = dir_.write("older.ndjson", text + kLoss + "\n");
  ship(server, documents);
  test::WatchingProxy proxy(server);
  for (const std::string report : kSummaries) {
    const std::string output = expect_same("aureport " + report + (report.empty() ? "" : " --summary --format json"),
                                           config_by(proxy), documents);
    EXPECT_EQ(documents_in(proxy.take_answers()), older + 1) << report;
    EXPECT_NE(output.find("web1: 5 records lost"), std::string::npos) << output;
  }
}

// A figure that a part of the cluster did not tell of is never shown without a word.
TEST_P(ReportsTest, SayThatAnAnswerIsOfAPart) {
  NEEDS_SERVER(server, GetParam());
  space_ = "part";
  clean(server);
  ASSERT_EQ(run("setup", config_of(server)).status, 0);
  ship(server, dir_.write("part.ndjson", documents_of(test::source_path(kSample), "web1")));
  test::WatchingProxy proxy(server);
  const std::string command = "aureport -e --summary --from elasticsearch --config-file " + config_by(proxy) +
                              " -E output.elasticsearch.namespace=" + space_ + " 2>/dev/null";
  EXPECT_EQ(test::run_actabeat(command).output.find("could not be read"), std::string::npos);
  for (const auto& [what, with] :
       {std::pair("\"timed_out\":false", "\"timed_out\":true"), std::pair("\"failed\":0", "\"failed\":1")}) {
    proxy.replace_once(what, with);  // the aggregation is asked for first
    const Ran ran = test::run_actabeat(command);
    EXPECT_NE(ran.output.find("could not be read"), std::string::npos) << ran.output;
  }
}

// Indices that were made without templates know texts only by their words.
TEST_P(ReportsTest, ReadDocumentsWhereIndicesCannotGroup) {
  NEEDS_SERVER(server, GetParam());
  space_ = "plain";
  clean(server);
  const std::string documents = dir_.write("plain.ndjson", documents_of(test::source_path(kSample), "web1"));
  static_cast<void>(curl(server, "PUT", "/_index_template/plain",
                         R"({"index_patterns":["logs-actabeat.*-plain"],"priority":900,"data_stream":{},)"
                         R"("template":{"mappings":{"dynamic":true,"properties":{"auditd":{"properties":{)"
                         R"("records":{"type":"text"}}},"event":{"properties":{"dataset":{"type":"keyword"},)"
                         R"("id":{"type":"keyword"}}}}}}})"));
  ship(server, documents);
  const Ran told = test::run_actabeat("aureport -e -i --summary --from elasticsearch --config-file " +
                                      config_of(server) + " -E output.elasticsearch.namespace=" + space_ + " 2>&1");
  const Ran files = test::run_actabeat("aureport -e -i --summary --from " + documents);
  static_cast<void>(curl(server, "DELETE", "/_data_stream/logs-actabeat.*-plain"));
  static_cast<void>(curl(server, "DELETE", "/_index_template/plain"));
  EXPECT_NE(told.output.find("there are no totals by auditd.records"), std::string::npos) << told.output;
  EXPECT_TRUE(told.output.ends_with(files.output)) << told.output;
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
