#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "config/option.h"

namespace acta {

/// How far a server's certificate is checked: libbeat's `ssl.verification_mode`.
enum class TlsVerification : uint8_t {
  full,         ///< chain and host name
  strict,       ///< as full, and the name must stand in the subject's alternative names
  certificate,  ///< the chain only
  none          ///< nothing: whoever is in between can read and change everything
};

/// TLS towards a server, from `ssl.*` with libbeat's names and meanings. Certificates and keys are paths, or PEM itself
/// where the text begins with "-----BEGIN".
struct TlsOptions {
  TlsVerification verification = TlsVerification::full;
  std::vector<std::string> certificate_authorities{};  ///< instead of the system's, when there are any
  std::string certificate{}, key{}, key_passphrase{};  ///< of the client
  std::string ca_trusted_fingerprint{};    ///< SHA-256 of a CA's certificate, 64 lower-case hexadecimal digits
  std::vector<std::string> ca_sha256{};    ///< base64 of the SHA-256 of a public key in the verified chain
  int version_min = 12, version_max = 13;  ///< 10 for TLSv1.0 … 13 for TLSv1.3
  std::string ciphers{};                   ///< OpenSSL's list up to TLS 1.2; empty for its default
  std::string ciphers_13{};                ///< of TLS 1.3
};

inline constexpr std::string_view kTlsVerifications[] = {"full", "strict", "certificate", "none"};
inline constexpr std::string_view kTlsProtocols[] = {"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"};

/// The ssl.* keys of whoever speaks TLS: join_options(kTlsOptionTable, …).
inline constexpr Option kTlsOptionTable[] = {
    {.key = "ssl.enabled",
     .type = Option::Type::boolean,
     .fallback = "true",
     .help = "false: the other ssl settings are not used; https is then verified with the system's authorities."},
    {.key = "ssl.verification_mode",
     .type = Option::Type::text,
     .fallback = "full",
     .help = "What is checked of the server's certificate: full: chain and host name; strict: as full, without a host "
             "name in the common name; certificate: the chain only; none: nothing, for tests.",
     .choices = kTlsVerifications},
    {.key = "ssl.certificate_authorities",
     .type = Option::Type::list,
     .fallback = "",
     .help = "Files with certificates of authorities (PEM), or the PEM text itself; the system's when not given."},
    {.key = "ssl.certificate",
     .type = Option::Type::text,
     .fallback = "",
     .help = "The client's certificate with its chain: a file (PEM), or the PEM text itself."},
    {.key = "ssl.key",
     .type = Option::Type::text,
     .fallback = "",
     .help = "The key of ssl.certificate: a file (PEM), or the PEM text itself.",
     .secret = true},
    {.key = "ssl.key_passphrase",
     .type = Option::Type::text,
     .fallback = "",
     .help = "Passphrase of an encrypted ssl.key.",
     .secret = true},
    {.key = "ssl.ca_trusted_fingerprint",
     .type = Option::Type::text,
     .fallback = "",
     .help = "SHA-256 of an authority's certificate in hexadecimal: trusted when the server sends it with its chain."},
    {.key = "ssl.ca_sha256",
     .type = Option::Type::list,
     .fallback = "",
     .help = "Pins: base64 of the SHA-256 of a public key; one certificate of the verified chain must have one of "
             "them."},
    {.key = "ssl.supported_protocols",
     .type = Option::Type::list,
     .fallback = "[TLSv1.2, TLSv1.3]",
     .help = "Versions of TLS that may be used, without a gap.",
     .choices = kTlsProtocols},
    {.key = "ssl.cipher_suites",
     .type = Option::Type::list,
     .fallback = "",
     .help = "Cipher suites that may be used, by libbeat's or OpenSSL's names; OpenSSL's choice when not given."},
};

/// Reads the ssl.* keys. Fails with Errc::config and the key first in the text.
Result<TlsOptions> tls_options(const Settings& settings);

/// "-----BEGIN …": PEM text, not a path.
bool is_pem(std::string_view text);

/// What the files that TlsOptions names hold. Reads them again when they have changed: certificates are renewed while
/// we run. One thread.
class TlsFiles {
 public:
  /// `options` must outlive it.
  TlsFiles(const TlsOptions& options, Fs& fs) : options_(options), fs_(fs) {}

  /// Reads what is new. True when something has changed since the last load; the first time always. On failure what
  /// was read before stays.
  Result<bool> load();

  [[nodiscard]] const std::string& authorities() const { return now_.authorities; }  ///< PEM; empty for the system's
  [[nodiscard]] const std::string& certificate() const { return now_.certificate; }
  [[nodiscard]] const std::string& key() const { return now_.key; }

 private:
  struct Content {
    std::string authorities, certificate, key;
    bool operator==(const Content&) const = default;
  };
  struct Seen {
    uint64_t inode, size;
    int64_t mtime;
    bool operator==(const Seen&) const = default;
  };
  [[nodiscard]] Result<std::vector<Seen>> look() const;
  [[nodiscard]] Result<std::string> read(std::string_view key, const std::string& what, std::string_view holds) const;

  const TlsOptions& options_;
  Fs& fs_;
  Content now_;
  std::vector<Seen> seen_;
  bool loaded_ = false;
};

}  // namespace acta
