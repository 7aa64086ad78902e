#include "client/server_ability.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

namespace acta {
namespace {

constexpr int kNotFound = 404;
constexpr int kBadRequest = 400;
constexpr int kNotAllowed = 405;

/// Whether the server has this API: it says 400 or 405 for a path that it does not know, 404 for what is not there.
Result<bool> has(ElasticClient& client, std::string_view path, Nanos deadline) {
  auto reply = client.request({.method = "GET", .path = path}, deadline);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->good() || reply->status == kNotFound) return true;
  if (reply->status == kBadRequest || reply->status == kNotAllowed) return false;
  return fail(Errc::denied,
              fmt::format("GET {}{}: {}", client.host(), path, elastic_refusal(reply->status, reply->body)));
}

Result<> ask_lifecycle(ElasticClient& client, bool opensearch, Nanos deadline, ServerAbility& ability) {
  struct Question {
    Lifecycle lifecycle;
    std::string_view path, words;
  };
  constexpr Question kElasticsearch[] = {
      {Lifecycle::ilm, "/_ilm/status", "index lifecycle management (ILM)"},
      {Lifecycle::data_stream, "/_data_stream/actabeat-none/_lifecycle", "data stream lifecycle"}};
  constexpr Question kOpenSearch[] = {{Lifecycle::ism, "/_plugins/_ism/policies", "index state management (ISM)"}};
  const auto ask = [&](const Question& question) -> Result<bool> {
    auto answer = has(client, question.path, deadline);
    if (!answer || !*answer) return answer;
    ability.lifecycle = question.lifecycle;
    ability.lifecycle_words = question.words;
    return true;
  };
  for (const Question& question : opensearch ? std::span<const Question>(kOpenSearch) : kElasticsearch) {
    const auto found = ask(question);
    if (!found) return tl::unexpected(found.error());
    if (*found) return {};
  }
  ability.lifecycle_words =
      opensearch ? "none: this server is without index state management (ISM)"
                 : "none: this server is without index lifecycle management (ILM) and data stream lifecycle";
  return {};
}

/// Counts the nodes of an answer of _nodes/ingest, and those that have a processor.
struct Processors {
  int nodes = 0, set = 0, geoip = 0;

  void count(const rapidjson::Document& answer) {
    if (!answer.IsObject() || !answer.HasMember("nodes") || !answer["nodes"].IsObject()) return;
    for (const auto& node : answer["nodes"].GetObject()) {
      ++nodes;
      if (!node.value.IsObject() || !node.value.HasMember("ingest")) continue;
      const rapidjson::Value& ingest = node.value["ingest"];
      if (!ingest.IsObject() || !ingest.HasMember("processors") || !ingest["processors"].IsArray()) continue;
      for (const rapidjson::Value& processor : ingest["processors"].GetArray()) {
        if (!processor.IsObject() || !processor.HasMember("type") || !processor["type"].IsString()) continue;
        const std::string_view type = processor["type"].GetString();
        set += type == "set" ? 1 : 0;
        geoip += type == "geoip" ? 1 : 0;
      }
    }
  }
};

}  // namespace

Result<ServerAbility> ask_ability(ElasticClient& client, const ElasticServer& server, Nanos deadline) {
  ServerAbility ability;
  const bool opensearch = server.kind == ElasticServer::Kind::opensearch;
  if (auto asked = ask_lifecycle(client, opensearch, deadline, ability); !asked) return tl::unexpected(asked.error());
  // Processors are per node: any of them may get a bulk request.
  constexpr std::string_view kPath = "/_nodes/ingest?filter_path=nodes.*.ingest.processors.type,nodes.*.name";
  auto reply = client.request({.method = "GET", .path = kPath}, deadline);
  if (!reply) return tl::unexpected(reply.error());
  if (!reply->good())
    return fail(Errc::denied,
                fmt::format("GET {}{}: {}", client.host(), kPath, elastic_refusal(reply->status, reply->body)));
  rapidjson::Document answer;
  answer.Parse<rapidjson::kParseIterativeFlag>(reply->body.data(), reply->body.size());
  Processors found;
  if (!answer.HasParseError()) found.count(answer);
  ability.pipeline = found.nodes > 0 && found.set == found.nodes;
  ability.geoip = found.nodes > 0 && found.geoip == found.nodes;
  return ability;
}

}  // namespace acta
