#pragma once
#include <memory>
#include <string>

namespace acta::test {

/// A certificate with its key, in PEM.
struct Identity {
  std::string certificate, key;
};

/// What a certificate says.
struct Subject {
  std::string name = "localhost";                           ///< common name
  std::string alternatives = "DNS:localhost,IP:127.0.0.1";  ///< empty for none
  int from_days = -1, to_days = 30;                         ///< validity, from now
};

/// A certificate authority that a test makes. Keys are P-256. One thread.
class Authority {
 public:
  explicit Authority(const std::string& name);
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  [[nodiscard]] const std::string& certificate() const { return certificate_; }  ///< PEM
  [[nodiscard]] std::string fingerprint() const;  ///< SHA-256 of the certificate: upper-case hex with colons
  [[nodiscard]] std::string pin() const;          ///< base64 of the SHA-256 of its public key
  [[nodiscard]] Identity issue(const Subject& subject = {}) const;
  /// The key encrypted with a passphrase.
  static std::string encrypted(const std::string& key, const std::string& passphrase);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::string certificate_;
};

}  // namespace acta::test
