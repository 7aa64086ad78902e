#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "client/tls_options.h"

namespace acta {

/// How an HttpClient connects. From settings by elastic_settings.h.
struct HttpOptions {
  TlsOptions tls{};
  std::string proxy_url{};     ///< http:// or socks5://, may hold a password; empty: http_proxy, https_proxy, no_proxy
  bool proxy_disable = false;  ///< no proxy, whatever the environment says
  Nanos connect_timeout = 10 * kSecond;  ///< DNS, connect and TLS together
  std::string user_agent = "actabeat/" ACTA_VERSION;
  bool certificate_info = false;  ///< keep what the server's certificate says, for peer()
};

/// One request. Views must live until the exchange is over.
struct HttpRequest {
  std::string_view method = "GET";
  std::string_view url{};                  ///< http:// or https://, encoded; without user and password
  std::span<const std::string> headers{};  ///< "Name: value"
  std::string_view body{};
  Nanos deadline = 0;  ///< monotonic, of the whole exchange
};

/// Status line and headers of a reply.
struct HttpHead {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{};  ///< names in lower case

  /// The first header of that (lower-case) name; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// `Retry-After` in seconds, if there is one (the form with a date is not used by these servers).
  [[nodiscard]] std::optional<Nanos> retry_after() const;
};

struct HttpReply {
  HttpHead head;
  std::string body;
};

/// Whom the last exchange was with.
struct HttpPeer {
  std::string address{};                       ///< "10.0.0.1:9200", "[::1]:9200"
  std::string subject{}, issuer{}, expires{};  ///< of its certificate, with HttpOptions::certificate_info; printable
};

/// How far an exchange that failed had come.
enum class HttpStep : uint8_t { none, setup, resolve, connect, tls, send, wait, receive };

/// HTTP/1.1 and HTTP/2 (by ALPN) over libcurl, with connections kept alive between requests. TLS is verified unless the
/// options say otherwise; changed certificate files are used from the next connection on. No redirect is followed, and
/// nothing is sent twice: a kept connection that breaks in the middle of a request is a failure, for the caller to
/// judge.
///
/// Errors name the URL, the step and the reason, with what to do about it; never a header or a body, so no secret.
///
/// One thread, but for interrupt().
class HttpClient {
 public:
  /// Most bytes of a body that is taken whole; a longer one is an error.
  static constexpr size_t kBodyBytesMax = 64u << 20;

  /// `clock` and `fs` must outlive it.
  HttpClient(HttpOptions options, const Clock& clock, Fs& fs);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// A whole exchange.
  Result<HttpReply> request(const HttpRequest& request);

  /// The same in parts, for a body of any size: begin(), then read() until it gives an empty piece. A begin() before
  /// that gives the rest up, and the connection with it.
  Result<HttpHead> begin(const HttpRequest& request);
  /// The next piece of the body, as it comes; empty at its end. Valid until the next call.
  Result<std::string_view> read();
  /// What is left of the body.
  Result<std::string> read_all();

  /// How far the exchange was when it failed; none after one that went well.
  [[nodiscard]] HttpStep failed_at() const;
  /// Whom the last exchange was with, as far as it came; after all of the body has been read.
  [[nodiscard]] HttpPeer peer() const;
  /// The server may have got (a part of) the last request.
  [[nodiscard]] bool maybe_received() const;

  /// Looks after the certificate files and closes idle connections when they have changed. Cheap.
  Result<> refresh();
  /// Closes all connections.
  void close();

  /// Ends the exchange that is going on, and each later one, with Errc::closed until resume(). Any thread.
  void interrupt();
  void resume();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace acta
