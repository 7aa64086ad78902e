#include "client/curl_tls.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/check.h"

namespace acta {
namespace {

using Sha256 = std::array<unsigned char, 32>;

std::string hex_of(const Sha256& hash) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : hash) text.append({kDigits[byte >> 4], kDigits[byte & 15]});
  return text;
}

std::string base64_of(const Sha256& hash) {
  std::array<unsigned char, 48> text{};
  const int size = EVP_EncodeBlock(text.data(), hash.data(), static_cast<int>(hash.size()));
  return {text.begin(), text.begin() + size};
}

Sha256 fingerprint_of(const X509* certificate) {
  Sha256 hash{};
  unsigned size = hash.size();
  X509_digest(certificate, EVP_sha256(), hash.data(), &size);
  return hash;
}

Sha256 pin_of(X509* certificate) {
  Sha256 hash{};
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) return hash;
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> hold(der, [](unsigned char* p) { OPENSSL_free(p); });
  unsigned written = hash.size();
  EVP_Digest(der, static_cast<size_t>(size), hash.data(), &written, EVP_sha256(), nullptr);
  return hash;
}

bool any_of(STACK_OF(X509) * certificates, const auto& test) {
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    if (test(sk_X509_value(certificates, i))) return true;
  }
  return false;
}

// In place of X509_verify_cert(3), with the two rules that OpenSSL does not have.
int verify(X509_STORE_CTX* context, void* data) {
  const TlsOptions& options = *static_cast<CurlTls*>(data)->options;
  if (!options.ca_trusted_fingerprint.empty()) {
    any_of(X509_STORE_CTX_get0_untrusted(context), [&](X509* certificate) {
      if (hex_of(fingerprint_of(certificate)) != options.ca_trusted_fingerprint) return false;
      if (X509_check_ca(certificate) == 0) return false;
      X509_STORE_add_cert(X509_STORE_CTX_get0_store(context), certificate);
      return true;
    });
  }
  const int verified = X509_verify_cert(context);
  if (verified <= 0 || options.ca_sha256.empty()) return verified;
  const bool pinned = any_of(X509_STORE_CTX_get0_chain(context), [&](X509* certificate) {
    const auto& pins = options.ca_sha256;
    return std::find(pins.begin(), pins.end(), base64_of(pin_of(certificate))) != pins.end();
  });
  if (pinned) return verified;
  X509_STORE_CTX_set_error(context, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

CURLcode set_context(CURL*, void* context, void* data) {
  auto* const ssl = static_cast<SSL_CTX*>(context);
  auto* const tls = static_cast<CurlTls*>(data);
  SSL_CTX_set_cert_verify_callback(ssl, verify, data);
  if (tls->options->verification != TlsVerification::strict) return CURLE_OK;
  X509_VERIFY_PARAM* const rules = SSL_CTX_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const bool set = X509_VERIFY_PARAM_set1_ip_asc(rules, tls->host.c_str()) == 1 ||
                   X509_VERIFY_PARAM_set1_host(rules, tls->host.data(), tls->host.size()) == 1;
  return set ? CURLE_OK : CURLE_SSL_CONNECT_ERROR;
}

void set_blob(CURL* curl, CURLoption option, const std::string& pem) {
  if (pem.empty()) {
    curl_easy_setopt(curl, option, nullptr);
    return;
  }
  // Not written to, its type notwithstanding.
  curl_blob blob{.data = const_cast<char*>(pem.data()), .len = pem.size(), .flags = CURL_BLOB_NOCOPY};
  curl_easy_setopt(curl, option, &blob);
}

const char* or_null(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

}  // namespace

void set_tls(CURL* curl, CurlTls& tls, const TlsFiles& files) {
  CHECK(tls.options != nullptr);
  const TlsOptions& options = *tls.options;
  constexpr std::array<long, 4> kLeast = {CURL_SSLVERSION_TLSv1_0, CURL_SSLVERSION_TLSv1_1, CURL_SSLVERSION_TLSv1_2,
                                          CURL_SSLVERSION_TLSv1_3};
  constexpr std::array<long, 4> kMost = {CURL_SSLVERSION_MAX_TLSv1_0, CURL_SSLVERSION_MAX_TLSv1_1,
                                         CURL_SSLVERSION_MAX_TLSv1_2, CURL_SSLVERSION_MAX_TLSv1_3};
  curl_easy_setopt(
      curl, CURLOPT_SSLVERSION,
      kLeast[static_cast<size_t>(options.version_min - 10)] | kMost[static_cast<size_t>(options.version_max - 10)]);
  curl_easy_setopt(curl, CURLOPT_SSL_CIPHER_LIST, or_null(options.ciphers));
  curl_easy_setopt(curl, CURLOPT_TLS13_CIPHERS, or_null(options.ciphers_13));
  const bool chain = options.verification != TlsVerification::none;
  const bool name = chain && options.verification != TlsVerification::certificate;
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, chain ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, name ? 2L : 0L);
  if (!files.authorities().empty()) {
    // Given authorities stand instead of the system's, not beside them.
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(curl, CURLOPT_CAINFO, nullptr);
  }
  set_blob(curl, CURLOPT_CAINFO_BLOB, files.authorities());
  set_blob(curl, CURLOPT_SSLCERT_BLOB, files.certificate());
  set_blob(curl, CURLOPT_SSLKEY_BLOB, files.key());
  curl_easy_setopt(curl, CURLOPT_KEYPASSWD, or_null(options.key_passphrase));
  curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, set_context);
  curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, &tls);
}

}  // namespace acta
