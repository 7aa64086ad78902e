#include "client/elastic_check.h"

#include <fmt/format.h>
#include <netdb.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <sys/socket.h>

#include <memory>

#include "client/elastic_client.h"
#include "client/index_setup.h"

namespace acta {
namespace {

constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;

/// The host's name in "https://es1:9200/path", "[::1]:9200".
std::string name_in(std::string_view url) {
  url.remove_prefix(std::min(url.size(), url.find("://") + 3));
  url = url.substr(0, url.find('/'));
  if (url.starts_with('[')) return std::string(url.substr(1, url.find(']') - 1));
  return std::string(url.substr(0, url.rfind(':')));
}

/// Addresses of a host by the system's resolver; a failure in its words.
CheckStep resolve(const std::string& host) {
  CheckStep step{.name = "address"};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  if (const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &raw); failed != 0) {
    step.good = false;
    step.detail =
        fmt::format("{}: {}; is the name right? Does this host's resolver know it?", host, ::gai_strerror(failed));
    return step;
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(raw, &::freeaddrinfo);
  for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
    char text[NI_MAXHOST] = {};
    if (::getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0) continue;
    step.detail += (step.detail.empty() ? "" : ", ") + std::string(text);
  }
  return step;
}

std::string text_at(const std::string& body, const char* pointer) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size());
  if (document.HasParseError()) return "";
  const rapidjson::Value* value = rapidjson::Pointer(pointer).Get(document);
  return value != nullptr && value->IsString() ? value->GetString() : "";
}

/// The steps for one host.
class HostCheck {
 public:
  HostCheck(const ElasticSettings& settings, const Clock& clock, Fs& fs, Nanos timeout)
      : clock_(clock), timeout_(timeout), client_(settings, clock, fs) {}

  std::vector<CheckStep> run(const std::vector<std::string>& streams) {
    const std::string& url = client_.settings().hosts.front().url;
    if (client_.settings().http.proxy_url.empty()) {
      steps_.push_back(resolve(name_in(url)));
      if (!steps_.back().good) return std::move(steps_);
    }
    if (connect(url) && identify()) {
      if (secured_ && has_roles_) {
        roles();
      } else if (secured_) {
        privileges(streams);
      }
      templates();
    }
    return std::move(steps_);
  }

 private:
  void add(std::string name, bool good, std::string detail) {
    steps_.push_back({std::move(name), good, std::move(detail)});
  }

  /// One request tells how far we come.
  bool connect(const std::string& url) {
    const auto reply = get("/");
    const HttpStep failed = client_.http().failed_at();
    const bool tls = url.starts_with("https:");
    const bool reached =
        reply || (failed != HttpStep::setup && failed != HttpStep::resolve && failed != HttpStep::connect);
    const HttpPeer peer = client_.http().peer();
    add("connection", reached, reached ? peer.address : reply.error().what);
    if (!reached) return false;
    if (tls) {
      const bool verified = reply || failed != HttpStep::tls;
      add("TLS", verified, verified ? tls_words(peer) : reply.error().what);
      if (!verified) return false;
    } else if (reply) {
      add("TLS", true, "none: nothing is encrypted on the way; https:// in hosts changes that");
    }
    if (!reply) {
      add("answer", false, reply.error().what);
      return false;
    }
    if (reply->status == kUnauthorized) {
      add("authentication", false, elastic_refusal(reply->status, reply->body));
      return false;
    }
    return true;
  }

  [[nodiscard]] std::string tls_words(const HttpPeer& peer) const {
    const bool checked = client_.settings().http.tls.verification != TlsVerification::none;
    return fmt::format("certificate of {}, issued by {}, good until {}{}", peer.subject, peer.issuer, peer.expires,
                       checked ? "" : "; it is not verified: ssl.verification_mode is none");
  }

  bool identify() {
    const auto server = client_.server(deadline());
    if (!server) {
      add("server", false, server.error().what);
      return false;
    }
    server_ = *server;
    const bool opensearch = server_.kind == ElasticServer::Kind::opensearch;
    who();
    if (server_.kind == ElasticServer::Kind::unknown) {
      add("server", true, "it does not tell us what it is (403), which the output can do without; setup cannot");
    } else {
      add("server", true,
          fmt::format("{} {}, cluster {}", opensearch ? "OpenSearch" : "Elasticsearch", server_.version,
                      server_.cluster));
    }
    return true;
  }

  /// Whom the server takes us for. One that does not tell what it is may be of either kind.
  void who() {
    if (server_.kind != ElasticServer::Kind::elasticsearch && named("/_plugins/_security/authinfo", "/user_name")) {
      has_roles_ = true;
    } else if (server_.kind == ElasticServer::Kind::opensearch || !named("/_security/_authenticate", "/username")) {
      const bool refused = refusal_.status == kUnauthorized || refusal_.status == kForbidden;
      add("authentication", refusal_.status != kUnauthorized,
          refused ? elastic_refusal(refusal_.status, refusal_.body) : "none: the server has no users");
    }
  }

  bool named(std::string_view path, const char* pointer) {
    auto reply = get(path);
    if (!reply) return false;
    const std::string user = reply->good() ? text_at(reply->body, pointer) : "";
    secured_ = !user.empty();
    if (secured_) {
      add("authentication", true, "as " + user);
    } else {
      refusal_ = *std::move(reply);
    }
    return secured_;
  }

  /// What the output needs on its streams: to make them, to create documents, and to look for those in doubt.
  void privileges(const std::vector<std::string>& streams) {
    constexpr std::string_view kNeeded[] = {"create_doc", "auto_configure", "read", "maintenance"};
    std::string body = R"({"index":[{"names":[)";
    for (size_t i = 0; i < streams.size(); ++i) body += fmt::format("{}\"{}\"", i > 0 ? "," : "", streams[i]);
    body += R"(],"privileges":["create_doc","auto_configure","read","maintenance"]}]})";
    const auto reply =
        client_.request({.method = "POST", .path = "/_security/user/_has_privileges", .body = body}, deadline());
    if (!reply || !reply->good()) return;
    rapidjson::Document answer;
    answer.Parse<rapidjson::kParseIterativeFlag>(reply->body.data(), reply->body.size());
    std::string missing;
    for (const std::string& stream : streams) {
      for (const std::string_view privilege : kNeeded) {
        const rapidjson::Pointer pointer(fmt::format("/index/{}/{}", stream, privilege).c_str());
        const rapidjson::Value* has = pointer.Get(answer);
        if (has != nullptr && has->IsBool() && !has->GetBool())
          missing += fmt::format("{}{} on {}", missing.empty() ? "" : ", ", privilege, stream);
      }
    }
    add("privileges", missing.empty(),
        missing.empty() ? "create_doc, auto_configure, read, maintenance"
                        : "missing: " + missing + "; give the role these");
  }

  /// OpenSearch does not tell what a user may do before it is done; the roles are what there is.
  void roles() {
    const auto reply = get("/_plugins/_security/authinfo");
    if (!reply || !reply->good()) return;
    rapidjson::Document answer;
    answer.Parse<rapidjson::kParseIterativeFlag>(reply->body.data(), reply->body.size());
    const rapidjson::Value* list = rapidjson::Pointer("/roles").Get(answer);
    std::string all;
    if (list != nullptr && list->IsArray()) {
      for (const auto& role : list->GetArray()) {
        if (role.IsString()) all += (all.empty() ? "" : ", ") + std::string(role.GetString());
      }
    }
    constexpr std::string_view kOnlyOwn = "own_index";  // what everybody has by default
    const bool none = all.empty() || all == kOnlyOwn;
    add("privileges", !none,
        none ? "the user has no role that lets it write; map one to it"
             : "roles: " + all + "; the server tells no more before a document is sent");
  }

  void templates() {
    const auto reply = get("/_index_template/actabeat.audit");
    if (!reply) return;
    if (reply->good()) return add("templates", true, "there");
    if (reply->status == kNotFound)
      return add("templates", false, "missing: the server would guess types and refuse documents; run actabeat setup");
    add("templates", true, "cannot be looked at: " + elastic_refusal(reply->status, reply->body));
  }

  Result<ElasticReply> get(std::string_view path) {
    return client_.request({.method = "GET", .path = path}, deadline());
  }
  [[nodiscard]] Nanos deadline() const { return clock_.monotonic() + timeout_; }

  const Clock& clock_;
  const Nanos timeout_;
  ElasticClient client_;
  ElasticServer server_;
  bool secured_ = false;    // it has users, and we are one
  bool has_roles_ = false;  // it tells roles, as OpenSearch does, and not privileges
  ElasticReply refusal_;    // of the last question who we are
  std::vector<CheckStep> steps_;
};

}  // namespace

std::vector<CheckStep> check_elastic(const ElasticSettings& settings, const std::vector<std::string>& streams,
                                     const Clock& clock, Fs& fs, Nanos timeout) {
  std::vector<CheckStep> all;
  for (const ElasticHost& host : settings.hosts) {
    ElasticSettings one = settings;
    one.hosts = {host};
    one.http.certificate_info = true;
    for (CheckStep& step : HostCheck(one, clock, fs, timeout).run(streams)) {
      if (settings.hosts.size() > 1) step.name = host.url + " " + step.name;
      all.push_back(std::move(step));
    }
  }
  return all;
}

}  // namespace acta
