#include "client/index_types.h"

#include <fmt/format.h>

#include <string>

namespace acta {
namespace {

constexpr int kBadRequest = 400;

struct Version {
  int major, minor;
  [[nodiscard]] bool at_least(int wanted_major, int wanted_minor) const {
    return major > wanted_major || (major == wanted_major && minor >= wanted_minor);
  }
};

/// Whether the server takes this content of a template. 400 is its no; anything else is none of either.
Result<bool> takes(ElasticClient& client, std::string_view content, Nanos deadline) {
  const std::string body =
      fmt::format(R"({{"index_patterns":["actabeat-simulated-*"],"priority":1000000,"template":{{{}}}}})", content);
  auto reply = client.request({.method = "POST", .path = "/_index_template/_simulate", .body = body}, deadline);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->good()) return true;
  if (reply->status == kBadRequest) return false;
  return fail(Errc::denied, fmt::format("POST {}/_index_template/_simulate: {}", client.host(),
                                        elastic_refusal(reply->status, reply->body)));
}

Result<bool> takes_type(ElasticClient& client, std::string_view type, std::string_view more, Nanos deadline) {
  return takes(client, fmt::format(R"("mappings":{{"properties":{{"f":{{"type":"{}"{}}}}}}})", type, more), deadline);
}

}  // namespace

IndexFeatures index_features(ElasticServer::Kind kind, int major, int minor) {
  const Version version{major, minor};
  // https://docs.opensearch.org/latest/mappings/supported-field-types/index/, "Introduced"
  if (kind == ElasticServer::Kind::opensearch) return {.match_only_text = version.at_least(2, 12)};
  // https://www.elastic.co/guide/en/elasticsearch/reference/8.19/mapping-types.html
  return {.wildcard = version.at_least(7, 9),
          .match_only_text = version.at_least(7, 14),
          .constant_keyword = version.at_least(7, 7),
          .flattened = version.at_least(7, 3)};
}

Result<IndexFeatures> ask_index_features(ElasticClient& client, const ElasticServer& server, Nanos deadline) {
  IndexFeatures features = index_features(server.kind, server.major, server.minor);
  struct Question {
    bool* feature;
    std::string_view type, more;
  };
  const Question questions[] = {
      {&features.wildcard, "wildcard", ""},
      {&features.match_only_text, "match_only_text", ""},
      {&features.constant_keyword, "constant_keyword", R"(,"value":"x")"},
      {&features.flattened, "flattened", ""},
  };
  for (const Question& question : questions) {
    if (!*question.feature) continue;
    const auto answer = takes_type(client, question.type, question.more, deadline);
    if (!answer) return tl::unexpected(answer.error());
    *question.feature = *answer;
  }
  return features;
}

}  // namespace acta
