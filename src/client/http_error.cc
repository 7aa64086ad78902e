#include "client/http_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>

namespace acta {
namespace {

std::string_view step_name(HttpStep step) {
  switch (step) {
    case HttpStep::none:
    case HttpStep::setup:
      return "setup";
    case HttpStep::resolve:
      return "DNS";
    case HttpStep::connect:
      return "connect";
    case HttpStep::tls:
      return "TLS";
    case HttpStep::send:
      return "sending";
    case HttpStep::wait:
      return "waiting for the reply";
    case HttpStep::receive:
      return "reading the reply";
  }
  return "";
}

// What libcurl or OpenSSL says (a part of it), and what to do then. The first that fits.
struct Hint {
  std::string_view says;
  std::string_view advice;
};
constexpr std::string_view kClosedAfterHandshake =
    "the server closes the connection: if it asks for a client certificate, give ssl.certificate and ssl.key";
constexpr std::array kHints = {
    Hint{"getpeername", kClosedAfterHandshake},
    Hint{"wrong version number", "the server does not speak TLS at this port: use http://, or its TLS port"},
    Hint{"HTTP/0.9", "this is no HTTP server, or it speaks TLS here: use https://"},
    Hint{"Empty reply", "the server closed the connection without a reply: does it speak TLS here? Then use https://"},
    Hint{"has expired", "renew the server's certificate, or set this host's clock"},
    Hint{"not yet valid", "set this host's clock, or the server's certificate begins later"},
    Hint{"self-signed certificate",
         "name the server's authority in ssl.certificate_authorities, or its fingerprint in "
         "ssl.ca_trusted_fingerprint"},
    Hint{"self signed certificate",
         "name the server's authority in ssl.certificate_authorities, or its fingerprint in "
         "ssl.ca_trusted_fingerprint"},
    Hint{"local issuer certificate",
         "name the server's authority in ssl.certificate_authorities, or its fingerprint "
         "in ssl.ca_trusted_fingerprint"},
    Hint{"application verification", "no certificate of the server's chain has one of the pins in ssl.ca_sha256"},
    Hint{"does not match target host name",
         "use a host name that the server's certificate has, or "
         "ssl.verification_mode: certificate"},
    Hint{"no alternative certificate subject name matches",
         "use a host name that the server's certificate has, or "
         "ssl.verification_mode: certificate"},
    Hint{"hostname mismatch",
         "use a host name that the server's certificate has, or ssl.verification_mode: "
         "certificate"},
    Hint{"IP address mismatch",
         "use a host name that the server's certificate has, or ssl.verification_mode: "
         "certificate"},
    Hint{"certificate required", "the server asks for a client certificate: ssl.certificate and ssl.key"},
    Hint{"alert bad certificate", "the server does not accept the client certificate in ssl.certificate"},
    Hint{"alert unknown ca", "the server does not know the authority of the client certificate in ssl.certificate"},
    Hint{"alert certificate unknown", "the server does not accept the client certificate in ssl.certificate"},
    Hint{"alert protocol version", "the server takes none of ssl.supported_protocols"},
    Hint{"unsupported protocol", "the server takes none of ssl.supported_protocols"},
    Hint{"alert handshake failure",
         "no cipher suite or version in common; see ssl.cipher_suites and "
         "ssl.supported_protocols, or the server asks for a client certificate"},
    Hint{"no cipher match", "ssl.cipher_suites: OpenSSL knows none of them"},
    Hint{"failed setting cipher list", "ssl.cipher_suites: OpenSSL does not know them"},
    Hint{"client certificate", "ssl.certificate and ssl.key must fit each other, and ssl.key_passphrase the key"},
    Hint{"private key", "ssl.certificate and ssl.key must fit each other, and ssl.key_passphrase the key"},
    Hint{"proxy", "look at proxy_url, or set proxy_disable: true"},
    Hint{"Connection refused", "nothing listens there: is the server running, are host and port right?"},
    Hint{"Could not resolve", "is the host's name right? DNS is set up in /etc/resolv.conf and /etc/hosts"},
};

std::string_view advice_for(const HttpFailure& failure, std::string_view detail) {
  const auto* const hint = std::find_if(kHints.begin(), kHints.end(), [detail](const Hint& each) {
    return detail.find(each.says) != std::string_view::npos;
  });
  if (hint != kHints.end()) return hint->advice;
  if (failure.step == HttpStep::resolve) return "is the host's name right? Is DNS set up in /etc/resolv.conf?";
  if (failure.timed_out && failure.step == HttpStep::connect) return "a firewall may drop packets to this port";
  const bool broke = failure.code == CURLE_SEND_ERROR || failure.code == CURLE_RECV_ERROR;
  if (broke && failure.step <= HttpStep::send && failure.url.starts_with("https:")) return kClosedAfterHandshake;
  return {};
}

Errc kind_of(const HttpFailure& failure) {
  switch (failure.code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return Errc::denied;
    case CURLE_URL_MALFORMAT:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
      return Errc::config;
    default:
      return failure.timed_out ? Errc::io : Errc::closed;
  }
}

}  // namespace

Error http_error(const HttpFailure& failure) {
  std::string detail(failure.detail);
  if (failure.timed_out) detail = "timed out";
  if (failure.sys != 0) detail = std::generic_category().message(failure.sys);
  if (detail.empty()) detail = curl_easy_strerror(failure.code);
  // "SSL certificate problem: certificate has expired": the step says the first half.
  constexpr std::string_view kPrefix = "SSL certificate problem: ";
  if (detail.starts_with(kPrefix)) detail.erase(0, kPrefix.size());
  std::string what = fmt::format("{} {}: {}: {}", failure.method, failure.url, step_name(failure.step), detail);
  if (const std::string_view advice = advice_for(failure, detail); !advice.empty()) what.append("; ").append(advice);
  return {.code = kind_of(failure), .sys = 0, .what = std::move(what)};
}

}  // namespace acta
