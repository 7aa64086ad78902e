#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "client/elastic_settings.h"

namespace acta {

/// One request to whichever host is next.
struct ElasticRequest {
  std::string_view method = "GET";
  std::string_view path = "/";  ///< with its parameters, encoded: "/_bulk?filter_path=took"
  std::string_view body{};
  std::string_view content_type = "application/json";
  std::string_view content_encoding{};  ///< "gzip", "zstd"; empty for none
};

struct ElasticReply {
  int status = 0;
  std::string body{};

  [[nodiscard]] bool good() const { return status >= 200 && status < 300; }
};

/// What `GET /` tells.
struct ElasticServer {
  enum class Kind : uint8_t { unknown, elasticsearch, opensearch };
  Kind kind = Kind::unknown;
  int major = 0, minor = 0;
  std::string version{};  ///< as told: "9.5.3"
  std::string cluster{}, uuid{};

  /// Whether a request's body may be zstd: OpenSearch 3 takes it. Elasticsearch refuses it, and a node of
  /// OpenSearch 2.19 ends by it (NoSuchMethodError in its decoder): one must not even try where it is not known who is
  /// there.
  [[nodiscard]] bool takes_zstd() const;
};

/// Speaks with a cluster of Elasticsearch or OpenSearch. Every call is one attempt: it goes to one host; to a further
/// one only when nothing can have reached the first (no address, no connection, no TLS). A host that fails is passed
/// over for a while, which doubles with each failure in a row; when all do, the one whose time is over first is taken.
///
/// Errors and reasons never hold a header, so no secret. One thread, but for interrupt() and resume().
class ElasticClient {
 public:
  static constexpr Nanos kDownInit = kSecond;
  static constexpr Nanos kDownMax = 60 * kSecond;

  /// `clock` and `fs` must outlive it.
  ElasticClient(ElasticSettings settings, const Clock& clock, Fs& fs);

  /// A whole exchange; `deadline` is monotonic. A reply with any status is a result.
  Result<ElasticReply> request(const ElasticRequest& request, Nanos deadline);
  /// The same in parts, see HttpClient.
  Result<HttpHead> begin(const ElasticRequest& request, Nanos deadline);
  Result<std::string_view> read();

  /// Asks who is there. Fails when it is not Elasticsearch or OpenSearch, is not reachable, or does not let us in
  /// (Errc::denied); a server that only keeps this request from us (403) is of unknown kind.
  Result<ElasticServer> server(Nanos deadline);

  [[nodiscard]] const ElasticSettings& settings() const { return settings_; }
  /// "https://es1:9200" of the last request.
  [[nodiscard]] const std::string& host() const { return settings_.hosts[current_].url; }
  [[nodiscard]] HttpClient& http() { return http_; }

 private:
  struct Health {
    Nanos down_until = INT64_MIN;
    Nanos down_for = 0;
  };
  [[nodiscard]] size_t pick(const std::vector<bool>& tried) const;
  void mark_down(size_t host);

  const ElasticSettings settings_;
  const Clock& clock_;
  HttpClient http_;
  std::vector<Health> health_;
  size_t current_ = 0;
  bool used_ = false;
};

/// The server's own words in the body of a reply that is an error: "index_not_found_exception: no such index [x]", or
/// the beginning of the text when it is no such JSON. Printable, some hundred bytes at most.
std::string elastic_reason(std::string_view body);

/// "HTTP 401: security_exception: …" with what to do about it.
std::string elastic_refusal(int status, std::string_view body);

}  // namespace acta
