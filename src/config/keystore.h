#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"

namespace acta {

/// Secrets by name, in one encrypted file that only its owner may read: ${NAME} in the configuration stands for them.
/// A value; one thread. Limits: 1 MiB for the file, 64 KiB for a secret.
class Keystore {
 public:
  static constexpr size_t kNameBytesMax = 128;
  static constexpr size_t kSecretBytesMax = 64u << 10;
  static constexpr size_t kFileBytesMax = 1u << 20;

  Keystore() = default;
  /// Reads the file; its error has sys ENOENT when there is none. A file that others than its owner may read or write,
  /// or that belongs neither to root nor to us, is refused (Errc::denied).
  static Result<Keystore> open(Fs& fs, const std::string& path, std::string_view password);

  /// Replaces the file in one step, mode 0600; makes its directory when missing.
  Result<> save(Fs& fs, const std::string& path, std::string_view password) const;

  /// Null when there is none of that name.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;
  /// Puts a secret in or replaces it. A name is 1 to 128 letters, digits, '_', '.' and '-'; a secret is not empty.
  Result<> set(const std::string& name, std::string secret);
  bool remove(std::string_view name);

 private:
  std::map<std::string, std::string, std::less<>> secrets_;
};

/// The password of keystores: the first line of the file that $ACTABEAT_KEYSTORE_PASSWORD_FILE names, or of the systemd
/// credential actabeat.keystore; empty where there is neither. A variable never holds the password itself: others could
/// read it.
Result<std::string> keystore_password(Fs& fs);

}  // namespace acta
