#include "client/kibana_client.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <charconv>
#include <optional>

#include "client/elastic_client.h"

namespace acta {
namespace {

using rapidjson::Document;
using rapidjson::Value;

constexpr size_t kWordsBytesMax = 400;  // of the server, in an error
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kTooLarge = 413;
constexpr int kFirstKibana = 7;  // OpenSearch Dashboards counts from 1

/// Without recursion: a server may nest as it likes.
bool parse(std::string_view body, Document& into) {
  into.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size());
  return !into.HasParseError() && into.IsObject();
}

const Value* member(const Value& of, const char* key) {
  if (!of.IsObject()) return nullptr;
  const auto found = of.FindMember(key);
  return found == of.MemberEnd() ? nullptr : &found->value;
}

std::string text(const Value& of, const char* key) {
  const Value* found = member(of, key);
  return found != nullptr && found->IsString() ? std::string(found->GetString(), found->GetStringLength()) : "";
}

/// One line that can be shown.
std::string shown(std::string_view words) {
  std::string out(words.substr(0, kWordsBytesMax));
  for (char& c : out) {
    if (static_cast<uint8_t>(c) < ' ' || c == '\x7f') c = ' ';
  }
  return words.size() > kWordsBytesMax ? out + "…" : out;
}

std::string_view advice_for(int status) {
  switch (status) {
    case kUnauthorized:
      return "; the server does not know these credentials: look at setup.kibana.username and password, or api_key";
    case kForbidden:
      return "; the credentials are right but lack the privilege to manage saved objects here";
    case kNotFound:
      return "; is the path in setup.kibana.host right, and is there such a space?";
    case kTooLarge:
      return "; the file is larger than savedObjects.maxImportPayloadBytes of the server, or than a proxy lets pass";
    default:
      return "";
  }
}

/// "HTTP 401: Unauthorized; …" of {"statusCode": 401, "error": "Unauthorized", "message": "…"}.
std::string refusal(int status, std::string_view body) {
  Document document;
  std::string words(body);
  if (parse(body, document)) {
    words = text(document, "error");
    const std::string message = text(document, "message");
    if (!message.empty() && message != words) words += (words.empty() ? "" : ": ") + message;
  }
  return fmt::format("HTTP {}{}{}{}", status, words.empty() ? "" : ": ", shown(words), advice_for(status));
}

/// How an object's error reads: its type, and what it is about.
std::string reason_of(const Value& error) {
  std::string why = text(error, "type");
  if (const Value* references = member(error, "references"); references != nullptr && references->IsArray()) {
    for (const Value& each : references->GetArray())
      why += fmt::format("{} {} {}", &each == references->Begin() ? ":" : ",", text(each, "type"), text(each, "id"));
  }
  if (const std::string message = text(error, "message"); !message.empty()) why += ": " + message;
  return shown(why.empty() ? "the server does not say why" : why);
}

std::optional<KibanaImport> read_import(std::string_view body) {
  Document document;
  if (!parse(body, document)) return std::nullopt;
  const Value* loaded = member(document, "successCount");
  if (loaded == nullptr || !loaded->IsUint64()) return std::nullopt;
  KibanaImport done{.loaded = loaded->GetUint64(), .refused = {}};
  const Value* errors = member(document, "errors");
  if (errors == nullptr || !errors->IsArray()) return done;
  for (const Value& each : errors->GetArray()) {
    const Value* error = member(each, "error");
    std::string title = text(each, "title");
    if (const Value* meta = member(each, "meta"); title.empty() && meta != nullptr) title = text(*meta, "title");
    done.refused.push_back({.type = shown(text(each, "type")),
                            .id = shown(text(each, "id")),
                            .title = shown(title),
                            .why = error != nullptr ? reason_of(*error) : "the server does not say why"});
  }
  return done;
}

/// Words that do not occur in the file, to part it from what is around it.
std::string boundary_for(std::string_view content) {
  for (int number = 0;; ++number) {
    std::string boundary = fmt::format("actabeat-{:016x}", number);
    if (content.find(boundary) == std::string_view::npos) return boundary;
  }
}

int major_of(std::string_view version) {
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  return major;
}

}  // namespace

KibanaClient::KibanaClient(KibanaSettings settings, const Clock& clock, Fs& fs)
    : settings_(std::move(settings)), clock_(clock), fs_(fs) {}

std::string KibanaClient::place() const {
  const std::string& url = settings_.connection.hosts.front().url;
  return settings_.space.empty() ? url : fmt::format("{}/s/{}", url, settings_.space);
}

Result<KibanaServer> KibanaClient::server(Nanos deadline) {
  ElasticClient client(settings_.connection, clock_, fs_);
  const std::string where = client.host() + "/api/status";
  auto head = client.begin({.method = "GET", .path = "/api/status"}, deadline);
  if (!head) return tl::unexpected(head.error());
  auto body = client.http().read_all();
  if (!body) return tl::unexpected(body.error());
  // A server that is not well says so with 503, and still who it is.
  Document document;
  const bool told = parse(*body, document);
  const Value* version = told ? member(document, "version") : nullptr;
  KibanaServer server;
  if (version != nullptr) server.version = shown(text(*version, "number"));
  const int major = major_of(server.version);
  if (major == 0 && head->status >= 400) {
    const Errc kind = head->status == kUnauthorized || head->status == kForbidden ? Errc::denied : Errc::io;
    return fail(kind, fmt::format("GET {}: {}", where, refusal(head->status, *body)));
  }
  const bool known = !head->header("kbn-name").empty() || !head->header("osd-name").empty();
  if (major == 0 && !known)
    return fail(Errc::unsupported,
                fmt::format("{} is not Kibana or OpenSearch Dashboards; it says: {}", client.host(), shown(*body)));
  server.opensearch_dashboards = !head->header("osd-name").empty() || (major > 0 && major < kFirstKibana);
  return server;
}

Result<KibanaImport> KibanaClient::import(const KibanaServer& server, std::string_view ndjson, Nanos deadline) {
  ElasticSettings connection = settings_.connection;
  connection.headers.emplace_back(server.opensearch_dashboards ? "osd-xsrf: true" : "kbn-xsrf: true");
  if (server.opensearch_dashboards && !settings_.tenant.empty())
    connection.headers.push_back("securitytenant: " + settings_.tenant);
  ElasticClient client(std::move(connection), clock_, fs_);
  const std::string boundary = boundary_for(ndjson);
  const std::string body = fmt::format(
      "--{0}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"actabeat.ndjson\"\r\n"
      "Content-Type: application/ndjson\r\n\r\n{1}\r\n--{0}--\r\n",
      boundary, ndjson);
  const std::string space = settings_.space.empty() ? "" : "/s/" + settings_.space;
  const std::string path = space + "/api/saved_objects/_import?overwrite=true";
  const std::string kind = "multipart/form-data; boundary=" + boundary;
  auto reply = client.request({.method = "POST", .path = path, .body = body, .content_type = kind}, deadline);
  if (!reply) return tl::unexpected(reply.error());
  const std::string where = fmt::format("POST {}{}", client.host(), path);
  if (!reply->good()) return fail(Errc::denied, fmt::format("{}: {}", where, refusal(reply->status, reply->body)));
  auto done = read_import(reply->body);
  if (!done) return fail(Errc::unsupported, fmt::format("{}: cannot read the answer: {}", where, shown(reply->body)));
  return *std::move(done);
}

}  // namespace acta
