#include "client/tls_options.h"

#include <fmt/format.h>

#include <algorithm>

namespace acta {
namespace {

constexpr size_t kFileBytesMax = 4u << 20;  // of certificates or a key
constexpr size_t kFingerprintDigits = 64;
constexpr size_t kPinCharacters = 44;  // base64 of 32 bytes

int version_of(std::string_view protocol) {
  const auto* const found = std::find(std::begin(kTlsProtocols), std::end(kTlsProtocols), protocol);
  return 10 + static_cast<int>(found - std::begin(kTlsProtocols));
}

Result<> take_versions(const std::vector<std::string>& protocols, TlsOptions& options) {
  if (protocols.empty()) return fail(Errc::config, "ssl.supported_protocols: must name at least one version");
  std::vector<int> versions;
  for (const std::string& protocol : protocols) versions.push_back(version_of(protocol));
  std::sort(versions.begin(), versions.end());
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
  options.version_min = versions.front();
  options.version_max = versions.back();
  if (versions.back() - versions.front() + 1 != static_cast<int>(versions.size())) {
    return fail(Errc::config, "ssl.supported_protocols: the versions must follow each other without a gap");
  }
  return {};
}

/// "ab:cd…" or "ABCD…" to 64 lower-case digits.
Result<std::string> fingerprint(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c == ':' || c == ' ') continue;
    digits.push_back(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  if (digits.size() != kFingerprintDigits || digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return fail(Errc::config, fmt::format("ssl.ca_trusted_fingerprint: must be {} hexadecimal digits, the SHA-256 of "
                                          "the authority's certificate (openssl x509 -fingerprint -sha256 -in CA)",
                                          kFingerprintDigits));
  }
  return digits;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// libbeat writes ECDHE-RSA-AES-128-GCM-SHA256 and RSA-AES-128-CBC-SHA where OpenSSL has ECDHE-RSA-AES128-GCM-SHA256
/// and AES128-SHA.
void take_cipher(std::string name, TlsOptions& options) {
  std::string* into = &options.ciphers;
  if (name.starts_with("TLS-") || name.starts_with("TLS_")) {
    std::replace(name.begin(), name.end(), '-', '_');
    into = &options.ciphers_13;
  } else {
    replace_all(name, "AES-128", "AES128");
    replace_all(name, "AES-256", "AES256");
    replace_all(name, "CBC-SHA", "SHA");
    replace_all(name, "POLY1205", "POLY1305");  // so in libbeat's list
    if (name.starts_with("RSA-")) name.erase(0, 4);
  }
  if (!into->empty()) into->push_back(':');
  into->append(name);
}

}  // namespace

bool is_pem(std::string_view text) {
  return text.substr(std::min(text.size(), text.find_first_not_of(" \t\r\n"))).starts_with("-----BEGIN");
}

Result<TlsOptions> tls_options(const Settings& settings) {
  TlsOptions options;
  if (!settings.boolean("ssl.enabled")) return options;
  const auto text = [&](std::string_view key) { return settings.has(key) ? settings.text(key) : std::string(); };
  const auto list = [&](std::string_view key) {
    return settings.has(key) ? settings.list(key) : std::vector<std::string>();
  };
  const auto* const mode =
      std::find(std::begin(kTlsVerifications), std::end(kTlsVerifications), text("ssl.verification_mode"));
  options.verification = static_cast<TlsVerification>(mode - std::begin(kTlsVerifications));
  options.certificate_authorities = list("ssl.certificate_authorities");
  options.certificate = text("ssl.certificate");
  options.key = text("ssl.key");
  options.key_passphrase = text("ssl.key_passphrase");
  options.ca_sha256 = list("ssl.ca_sha256");
  if (options.certificate.empty() != options.key.empty()) {
    return fail(Errc::config, options.key.empty() ? "ssl.key: is missing; ssl.certificate is of no use without it"
                                                  : "ssl.certificate: is missing; ssl.key is of no use without it");
  }
  if (const std::string digits = text("ssl.ca_trusted_fingerprint"); !digits.empty()) {
    auto print = fingerprint(digits);
    if (!print) return tl::unexpected(print.error());
    options.ca_trusted_fingerprint = *std::move(print);
  }
  for (const std::string& pin : options.ca_sha256) {
    if (pin.size() != kPinCharacters || pin.back() != '=') {
      return fail(Errc::config, "ssl.ca_sha256: must be the base64 of the SHA-256 of a public key, 44 characters");
    }
  }
  if (options.verification == TlsVerification::none && !options.ca_sha256.empty()) {
    return fail(Errc::config, "ssl.ca_sha256: pins hold only with a verification; ssl.verification_mode is none");
  }
  if (auto taken = take_versions(list("ssl.supported_protocols"), options); !taken)
    return tl::unexpected(taken.error());
  for (const std::string& name : list("ssl.cipher_suites")) take_cipher(name, options);
  return options;
}

Result<std::string> TlsFiles::read(std::string_view key, const std::string& what, std::string_view holds) const {
  std::string pem = what;
  if (!is_pem(what)) {
    auto content = read_file(fs_, what, kFileBytesMax);
    if (!content) return fail(content.error().code, fmt::format("{}: {}", key, content.error().what));
    pem = *std::move(content);
  }
  const size_t at = pem.find("-----BEGIN");
  if (at == std::string::npos || pem.find(holds, at) == std::string::npos) {
    return fail(Errc::config, fmt::format("{}: {} holds no {} in PEM", key, is_pem(what) ? "the text" : what, holds));
  }
  if (!pem.ends_with('\n')) pem.push_back('\n');
  return pem;
}

Result<std::vector<TlsFiles::Seen>> TlsFiles::look() const {
  std::vector<Seen> all;
  const auto add = [&](std::string_view key, const std::string& path) -> Result<> {
    if (path.empty() || is_pem(path)) return {};
    const auto stat = fs_.stat(path);
    if (!stat) return fail(stat.error().code, fmt::format("{}: {}", key, stat.error().what), stat.error().sys);
    all.push_back({stat->inode, stat->size, stat->mtime});
    return {};
  };
  for (const std::string& path : options_.certificate_authorities) {
    if (auto added = add("ssl.certificate_authorities", path); !added) return tl::unexpected(added.error());
  }
  if (auto added = add("ssl.certificate", options_.certificate); !added) return tl::unexpected(added.error());
  if (auto added = add("ssl.key", options_.key); !added) return tl::unexpected(added.error());
  return all;
}

Result<bool> TlsFiles::load() {
  auto seen = look();
  if (!seen) return tl::unexpected(seen.error());
  if (loaded_ && *seen == seen_) return false;
  Content fresh;
  for (const std::string& what : options_.certificate_authorities) {
    auto pem = read("ssl.certificate_authorities", what, "CERTIFICATE");
    if (!pem) return tl::unexpected(pem.error());
    fresh.authorities += *pem;
  }
  if (!options_.certificate.empty()) {
    auto certificate = read("ssl.certificate", options_.certificate, "CERTIFICATE");
    if (!certificate) return tl::unexpected(certificate.error());
    auto key = read("ssl.key", options_.key, "PRIVATE KEY");
    if (!key) return tl::unexpected(key.error());
    fresh.certificate = *std::move(certificate);
    fresh.key = *std::move(key);
  }
  seen_ = *std::move(seen);
  const bool changed = !loaded_ || fresh != now_;
  loaded_ = true;
  now_ = std::move(fresh);
  return changed;
}

}  // namespace acta
