#include "support/elastic_scan.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <chrono>
#include <thread>

#include "base/check.h"

namespace acta::test {
namespace {

ElasticSettings admin_settings(const Server& server) {
  auto settings = make_settings(kElasticOptionTable, elastic_settings_of(server));
  CHECK(settings);
  auto read = elastic_settings(*settings);
  CHECK(read);
  return std::move(*read);
}

}  // namespace

std::map<std::string, std::string> elastic_settings_of(const Server& server) {
  std::map<std::string, std::string> given{{"hosts", "[\"" + server.address() + "\"]"}};
  if (server.secure()) {
    given["username"] = server.user();
    given["password"] = Server::password();
    given["ssl.certificate_authorities"] = "[\"" + server.tls_file("ca.pem") + "\"]";
  }
  return given;
}

std::string elastic_yaml_of(const Server& server, const std::string& address) {
  std::string yaml = "output.elasticsearch:\n";
  for (const auto& [key, value] : elastic_settings_of(server)) {
    yaml += "  " + key + ": " + (key == "hosts" && !address.empty() ? "[\"" + address + "\"]" : value) + "\n";
  }
  return yaml;
}

ElasticAdmin::ElasticAdmin(const Server& server) : client_(admin_settings(server), clock_, fs_) {}

std::string ElasticAdmin::ask(const std::string& method, const std::string& path, const std::string& body, bool bad) {
  auto reply = client_.request({.method = method, .path = path, .body = body}, clock_.monotonic() + 60 * kSecond);
  if (!reply) {
    ADD_FAILURE() << reply.error().what;
    return {};
  }
  if (!bad && !reply->good()) ADD_FAILURE() << method << " " << path << ": " << reply->body;
  return reply->body;
}

void ElasticAdmin::make_streams(const std::string& prefix) {
  const std::string settings =
      R"({"number_of_shards":1,"number_of_replicas":0,"index.mapping.total_fields.limit":5000})";
  ask("PUT", "/_index_template/" + prefix,
      R"({"index_patterns":[")" + prefix + R"(*"],"data_stream":{},"priority":150,"template":{"settings":)" + settings +
          R"(,"mappings":{"date_detection":false}}})");
}

void ElasticAdmin::rollover(const std::string& stream) {
  ask("POST", "/" + stream + "/_rollover");
}

void ElasticAdmin::wait_for_bulks() {
  const Nanos until = clock_.monotonic() + 30 * kSecond;
  while (clock_.monotonic() < until) {
    const std::string tasks = ask("GET", "/_tasks?actions=indices:data/write/bulk*");
    if (tasks.find("indices:data/write/bulk") == std::string::npos) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ADD_FAILURE() << "the server does not come to an end with its bulk requests";
}

std::map<std::string, int> ElasticAdmin::scan(const std::string& stream) {
  std::map<std::string, int> ids;
  ask("POST", "/" + stream + "/_refresh");
  std::string page =
      ask("POST", "/" + stream + "/_search?scroll=1m", R"({"size":5000,"_source":false,"sort":["_doc"]})");
  for (;;) {
    rapidjson::Document document;
    document.Parse(page.data(), page.size());
    if (document.HasParseError() || !document.HasMember("hits")) {
      ADD_FAILURE() << page;
      return ids;
    }
    const auto& hits = document["hits"]["hits"];
    if (hits.Empty()) return ids;
    for (const auto& hit : hits.GetArray()) ++ids[hit["_id"].GetString()];
    page = ask("POST", "/_search/scroll",
               R"({"scroll":"1m","scroll_id":")" + std::string(document["_scroll_id"].GetString()) + "\"}");
  }
}

}  // namespace acta::test
