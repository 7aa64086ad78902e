// The ssl.* settings against servers with good and bad certificates.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "client/http_client.h"
#include "support/fake_server.h"
#include "support/raw_server.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

using test::Authority;
using test::FakeServer;

class HttpTlsTest : public testing::Test {
 protected:
  static void hello(const httplib::Request&, httplib::Response& response) {
    response.set_content("hello", "text/plain");
  }

  Result<TlsOptions> options(std::map<std::string, std::string> given) {
    auto settings = make_settings(kTlsOptionTable, given);
    if (!settings) return tl::unexpected(settings.error());
    return tls_options(*settings);
  }
  Result<HttpReply> get(const std::string& url, std::map<std::string, std::string> given) {
    auto tls = options(std::move(given));
    if (!tls) return tl::unexpected(tls.error());
    HttpClient client({.tls = *std::move(tls)}, clock_, fs_);
    return get(client, url);
  }
  Result<HttpReply> get(HttpClient& client, const std::string& url) {
    return client.request({.url = url, .deadline = clock_.monotonic() + 10 * kSecond});
  }
  void expect_good(const std::string& url, std::map<std::string, std::string> given) {
    const auto reply = get(url, std::move(given));
    ASSERT_TRUE(reply) << reply.error().what;
    EXPECT_EQ(reply->body, "hello");
  }
  /// Fails, and says `words`; that is what the user has to go by.
  void expect_bad(const std::string& url, std::map<std::string, std::string> given, const std::string& words) {
    const auto reply = get(url, std::move(given));
    ASSERT_FALSE(reply);
    EXPECT_NE(reply.error().what.find(words), std::string::npos) << reply.error().what;
  }

  SystemClock clock_;
  PosixFs fs_;
  test::TempDir dir_;
  Authority authority_{"ours"};
  std::string ca_ = dir_.write("ca.pem", authority_.certificate());
};

TEST_F(HttpTlsTest, VerifiesByDefault) {
  FakeServer server(hello, {.identity = authority_.issue()});
  expect_bad(server.url(), {}, "ssl.certificate_authorities");
  expect_good(server.url(), {{"ssl.certificate_authorities", "[" + ca_ + "]"}});
  expect_good(server.url("localhost"), {{"ssl.certificate_authorities", "[" + ca_ + "]"}});
}

TEST_F(HttpTlsTest, AuthoritiesInline) {
  FakeServer server(hello, {.identity = authority_.issue()});
  std::string pem;
  for (const char c : authority_.certificate()) pem += c == '\n' ? std::string("\\n") : std::string(1, c);
  expect_good(server.url(), {{"ssl.certificate_authorities", "[\"" + pem + "\"]"}});
}

TEST_F(HttpTlsTest, AnotherAuthority) {
  const Authority other("other");
  FakeServer server(hello, {.identity = other.issue()});
  expect_bad(server.url(), {{"ssl.certificate_authorities", "[" + ca_ + "]"}}, "TLS: unable to get local issuer");
  expect_bad(server.url(), {{"ssl.certificate_authorities", "[" + ca_ + "]"}, {"ssl.verification_mode", "certificate"}},
             "unable to get local issuer");
  expect_good(server.url(), {{"ssl.verification_mode", "none"}});
  const std::string both = dir_.write("both.pem", authority_.certificate() + other.certificate());
  expect_good(server.url(), {{"ssl.certificate_authorities", "[" + both + "]"}});
}

TEST_F(HttpTlsTest, AnotherHostName) {
  FakeServer server(hello, {.identity = authority_.issue({.name = "es1", .alternatives = "DNS:es1.example.org"})});
  const std::string list = "[" + ca_ + "]";
  expect_bad(server.url(), {{"ssl.certificate_authorities", list}},
             "use a host name that the server's certificate has");
  expect_bad(server.url("localhost"), {{"ssl.certificate_authorities", list}, {"ssl.verification_mode", "strict"}},
             "use a host name that the server's certificate has");
  expect_good(server.url(), {{"ssl.certificate_authorities", list}, {"ssl.verification_mode", "certificate"}});
}

TEST_F(HttpTlsTest, StrictWantsAlternativeNames) {
  FakeServer server(hello, {.identity = authority_.issue({.name = "localhost", .alternatives = ""})});
  const std::string list = "[" + ca_ + "]";
  expect_good(server.url("localhost"), {{"ssl.certificate_authorities", list}});
  expect_bad(server.url("localhost"), {{"ssl.certificate_authorities", list}, {"ssl.verification_mode", "strict"}},
             "hostname mismatch");
  FakeServer right(hello, {.identity = authority_.issue()});
  expect_good(right.url("localhost"), {{"ssl.certificate_authorities", list}, {"ssl.verification_mode", "strict"}});
  expect_good(right.url(), {{"ssl.certificate_authorities", list}, {"ssl.verification_mode", "strict"}});
}

TEST_F(HttpTlsTest, Expired) {
  FakeServer server(hello, {.identity = authority_.issue({.from_days = -9, .to_days = -2})});
  expect_bad(server.url(), {{"ssl.certificate_authorities", "[" + ca_ + "]"}},
             "TLS: certificate has expired; renew the server's certificate");
}

TEST_F(HttpTlsTest, AFingerprintIsTrusted) {
  auto identity = authority_.issue();
  identity.certificate += authority_.certificate();  // servers that are set up by themselves send it along
  FakeServer server(hello, {.identity = identity});
  expect_good(server.url(), {{"ssl.ca_trusted_fingerprint", authority_.fingerprint()}});
  const Authority other("other");
  expect_bad(server.url(), {{"ssl.ca_trusted_fingerprint", other.fingerprint()}}, "self-signed certificate");
  EXPECT_FALSE(options({{"ssl.ca_trusted_fingerprint", "abc"}}));
}

TEST_F(HttpTlsTest, Pins) {
  FakeServer server(hello, {.identity = authority_.issue()});
  const std::string list = "[" + ca_ + "]";
  const Authority other("other");
  expect_good(server.url(), {{"ssl.certificate_authorities", list},
                             {"ssl.ca_sha256", "[\"" + other.pin() + "\", \"" + authority_.pin() + "\"]"}});
  expect_bad(server.url(), {{"ssl.certificate_authorities", list}, {"ssl.ca_sha256", "[\"" + other.pin() + "\"]"}},
             "ssl.ca_sha256");
}

TEST_F(HttpTlsTest, ClientCertificate) {
  FakeServer server(hello, {.identity = authority_.issue(), .client_authority = authority_.certificate()});
  const std::string list = "[" + ca_ + "]";
  const auto client = authority_.issue({.name = "client"});
  const std::string certificate = dir_.write("client.pem", client.certificate);
  const std::string key = dir_.write("client.key", client.key);
  expect_good(server.url(),
              {{"ssl.certificate_authorities", list}, {"ssl.certificate", certificate}, {"ssl.key", key}});
  expect_bad(server.url(), {{"ssl.certificate_authorities", list}}, "ssl.certificate and ssl.key");

  const std::string locked = dir_.write("locked.key", Authority::encrypted(client.key, "open sesame"));
  expect_good(server.url(), {{"ssl.certificate_authorities", list},
                             {"ssl.certificate", certificate},
                             {"ssl.key", locked},
                             {"ssl.key_passphrase", "open sesame"}});
  expect_bad(server.url(),
             {{"ssl.certificate_authorities", list},
              {"ssl.certificate", certificate},
              {"ssl.key", locked},
              {"ssl.key_passphrase", "wrong"}},
             "ssl.key_passphrase");
  expect_bad(server.url(), {{"ssl.certificate", certificate}}, "ssl.key: is missing");
}

TEST_F(HttpTlsTest, Versions) {
  FakeServer server(hello, {.identity = authority_.issue(), .client_authority = "", .version_max = TLS1_2_VERSION});
  const std::string list = "[" + ca_ + "]";
  expect_good(server.url(), {{"ssl.certificate_authorities", list}});
  expect_bad(server.url(), {{"ssl.certificate_authorities", list}, {"ssl.supported_protocols", "[TLSv1.3]"}},
             "ssl.supported_protocols");
  expect_good(server.url(), {{"ssl.certificate_authorities", list},
                             {"ssl.cipher_suites", "[ECDHE-ECDSA-AES-128-GCM-SHA256, TLS-AES-128-GCM-SHA256]"}});
  expect_bad(server.url(), {{"ssl.certificate_authorities", list}, {"ssl.cipher_suites", "[NONE-SUCH]"}},
             "ssl.cipher_suites");
  EXPECT_FALSE(options({{"ssl.supported_protocols", "[TLSv1.1, TLSv1.3]"}}));
}

TEST_F(HttpTlsTest, TheWrongScheme) {
  FakeServer plain(hello);
  const auto tls_to_plain = get("https://127.0.0.1:" + std::to_string(plain.port()), {});
  ASSERT_FALSE(tls_to_plain);
  EXPECT_NE(tls_to_plain.error().what.find("use http://"), std::string::npos) << tls_to_plain.error().what;
  FakeServer secure(hello, {.identity = authority_.issue()});
  const auto plain_to_tls = get("http://127.0.0.1:" + std::to_string(secure.port()), {});
  ASSERT_FALSE(plain_to_tls);
  EXPECT_NE(plain_to_tls.error().what.find("https://"), std::string::npos) << plain_to_tls.error().what;
}

TEST_F(HttpTlsTest, RenewedFilesAreUsed) {
  const Authority other("other");
  const std::string file = dir_.write("current.pem", other.certificate());
  FakeServer server(hello, {.identity = authority_.issue()});
  auto tls = options({{"ssl.certificate_authorities", "[" + file + "]"}});
  ASSERT_TRUE(tls);
  HttpClient client({.tls = *std::move(tls)}, clock_, fs_);
  EXPECT_FALSE(get(client, server.url()));
  dir_.write("current.pem", authority_.certificate());
  const auto now = get(client, server.url());
  EXPECT_TRUE(now) << now.error().what;
  dir_.write("current.pem", other.certificate());
  EXPECT_FALSE(get(client, server.url())) << "a kept connection of the old authority is not used";
  dir_.write("current.pem", "nonsense");
  const auto bad = get(client, server.url());
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().what.find("ssl.certificate_authorities: " + file + " holds no CERTIFICATE"), std::string::npos)
      << bad.error().what;
}

TEST_F(HttpTlsTest, AMissingFileIsNamed) {
  const auto reply = get("https://127.0.0.1:1", {{"ssl.certificate_authorities", "[/nowhere/ca.pem]"}});
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().what.find("ssl.certificate_authorities: "), std::string::npos);
  EXPECT_NE(reply.error().what.find("/nowhere/ca.pem"), std::string::npos);
}

TEST_F(HttpTlsTest, DisabledMeansTheSystemsAuthorities) {
  FakeServer server(hello, {.identity = authority_.issue()});
  expect_bad(server.url(), {{"ssl.enabled", "false"}, {"ssl.verification_mode", "none"}}, "TLS");
}

}  // namespace
}  // namespace acta
