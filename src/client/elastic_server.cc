// What the server says of itself and of what it refuses: the replies of ElasticClient that are read as JSON.
#include <fmt/format.h>
#include <rapidjson/document.h>

#include <charconv>

#include "client/elastic_client.h"

namespace acta {
namespace {

constexpr size_t kReasonBytesMax = 400;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kProxyAuthentication = 407;
constexpr int kTooLarge = 413;
constexpr int kTooMany = 429;

/// Without recursion: a server may nest as it likes.
bool parse(std::string_view body, rapidjson::Document& into) {
  into.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size());
  return !into.HasParseError();
}

std::string_view text_of(const rapidjson::Value& value, const char* key) {
  if (!value.IsObject()) return {};
  const auto found = value.FindMember(key);
  if (found == value.MemberEnd() || !found->value.IsString()) return {};
  return {found->value.GetString(), found->value.GetStringLength()};
}

/// What a search says of its first shard, under words like "all shards failed". `error` is an object.
std::string_view root_cause(const rapidjson::Value& error) {
  const auto causes = error.FindMember("root_cause");
  if (causes == error.MemberEnd() || !causes->value.IsArray() || causes->value.Empty()) return {};
  return text_of(causes->value[0], "reason");
}

/// One line that can be shown.
std::string shown(std::string_view text) {
  std::string out(text.substr(0, kReasonBytesMax));
  for (char& c : out) {
    if (static_cast<uint8_t>(c) < ' ' || c == '\x7f') c = ' ';
  }
  if (text.size() > kReasonBytesMax) out += "…";
  return out;
}

int number_at(std::string_view text, size_t& at) {
  int number = 0;
  const auto [end, failed] = std::from_chars(text.data() + at, text.data() + text.size(), number);
  at = static_cast<size_t>(end - text.data()) + 1;
  return failed == std::errc{} ? number : 0;
}

Result<ElasticServer> read_server(std::string_view body, const std::string& host) {
  rapidjson::Document document;
  ElasticServer server;
  if (parse(body, document) && document.IsObject() && document.HasMember("version")) {
    const rapidjson::Value& version = document["version"];
    server.version = text_of(version, "number");
    server.cluster = text_of(document, "cluster_name");
    server.uuid = text_of(document, "cluster_uuid");
    const bool opensearch = text_of(version, "distribution") == "opensearch";
    server.kind = opensearch ? ElasticServer::Kind::opensearch : ElasticServer::Kind::elasticsearch;
  }
  size_t at = 0;
  server.major = number_at(server.version, at);
  if (at < server.version.size()) server.minor = number_at(server.version, at);
  if (server.major == 0) {
    return fail(Errc::unsupported,
                fmt::format("{} is not Elasticsearch or OpenSearch; it says: {}", host, shown(body)));
  }
  return server;
}

std::string_view advice_for(int status) {
  switch (status) {
    case kUnauthorized:
      return "; the server does not know these credentials: look at username and password, or api_key";
    case kForbidden:
      return "; the credentials are right but lack a privilege for this";
    case kNotFound:
      return "; is the path in hosts right? Is the server set up for this?";
    case kProxyAuthentication:
      return "; the proxy wants credentials: proxy_url: http://user:password@proxy:port";
    case kTooLarge:
      return "; the request is larger than http.max_content_length of the server, or than a proxy lets pass";
    case kTooMany:
      return "; the server is busy";
    default:
      return "";
  }
}

}  // namespace

bool ElasticServer::takes_zstd() const {
  // What OpenSearch 1 and 2 say they are with compatibility.override_main_response_version.
  constexpr std::string_view kDisguise = "7.10.2";
  constexpr int kFirstMajor = 3;
  return kind == Kind::opensearch && major >= kFirstMajor && version != kDisguise;
}

Result<ElasticServer> ElasticClient::server(Nanos deadline) {
  auto reply = request({.method = "GET", .path = "/"}, deadline);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->status == kForbidden) return ElasticServer{};
  if (!reply->good()) {
    const Errc kind = reply->status == kUnauthorized ? Errc::denied : Errc::io;
    return fail(kind, fmt::format("GET {}/: {}", host(), elastic_refusal(reply->status, reply->body)));
  }
  return read_server(reply->body, host());
}

std::string elastic_reason(std::string_view body) {
  rapidjson::Document document;
  if (!parse(body, document) || !document.IsObject() || !document.HasMember("error")) return shown(body);
  const rapidjson::Value& error = document["error"];
  if (error.IsString()) return shown({error.GetString(), error.GetStringLength()});
  const std::string_view type = text_of(error, "type");
  if (type.empty()) return shown(body);
  const std::string_view reason = text_of(error, "reason");
  const std::string_view cause = root_cause(error);
  return shown(fmt::format("{}: {}{}{}", type, reason, cause.empty() || cause == reason ? "" : ": ",
                           cause == reason ? "" : cause));
}

std::string elastic_refusal(int status, std::string_view body) {
  std::string reason = elastic_reason(body);
  return fmt::format("HTTP {}{}{}{}", status, reason.empty() ? "" : ": ", reason, advice_for(status));
}

}  // namespace acta
