#include "config/keystore.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/bytes.h"
#include "config/diagnostics.h"
#include "config/keystore_cipher.h"

namespace acta {
namespace {

constexpr uint32_t kOthers = 077;
constexpr size_t kPasswordFileBytesMax = 4096;

Result<> check_owner(const std::string& path, const FileStat& stat) {
  if (stat.uid != 0 && stat.uid != geteuid()) {
    return fail(Errc::denied, fmt::format("keystore {} belongs to user {}: it must belong to root or to the user who "
                                          "runs this ({}); chown it",
                                          path, stat.uid, geteuid()));
  }
  if ((stat.mode & kOthers) != 0) {
    return fail(Errc::denied, fmt::format("keystore {} may be read or written by others than its owner (mode {:04o}); "
                                          "chmod 0600 {}",
                                          path, stat.mode & 07777, path));
  }
  return {};
}

/// Plain content: for each secret the length of its name (2 bytes), the name, the length of the secret (4), the secret.
void append_secret(std::string& out, const std::string& name, const std::string& secret) {
  put_le(out, static_cast<uint16_t>(name.size()));
  out += name;
  put_le(out, static_cast<uint32_t>(secret.size()));
  out += secret;
}

/// Takes bytes that a length of type T announces off the front; false when they are not there.
template <class T>
bool take(std::string_view& rest, std::string& into) {
  if (rest.size() < sizeof(T)) return false;
  const size_t size = get_le<T>(rest, 0);
  rest.remove_prefix(sizeof(T));
  if (rest.size() < size) return false;
  into = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

}  // namespace

Result<Keystore> Keystore::open(Fs& fs, const std::string& path, std::string_view password) {
  auto file = fs.open(path, OpenMode::read);
  if (!file) return tl::unexpected(file.error());
  const auto stat = (*file)->stat();
  if (!stat) return tl::unexpected(stat.error());
  if (stat->directory) return fail(Errc::config, path + " is a directory, not a keystore");
  if (auto owned = check_owner(path, *stat); !owned) return tl::unexpected(owned.error());
  if (stat->size > kFileBytesMax)
    return fail(Errc::unsupported, fmt::format("keystore {} is larger than {} bytes", path, kFileBytesMax));
  std::string bytes(stat->size, '\0');
  const auto got = (*file)->read_at(0, bytes.data(), bytes.size());
  if (!got) return tl::unexpected(got.error());
  bytes.resize(*got);
  auto plain = config::open_keystore(bytes, password);
  if (!plain) {
    return fail(plain.error().code,
                fmt::format("keystore {}: {}; restore it, or make it anew: actabeat keystore create --force", path,
                            plain.error().what));
  }
  Keystore store;
  std::string_view rest = *plain;
  bool whole = true;
  while (!rest.empty() && whole) {
    std::string name, secret;
    whole = take<uint16_t>(rest, name) && take<uint32_t>(rest, secret) && store.set(name, std::move(secret));
  }
  OPENSSL_cleanse(plain->data(), plain->size());
  if (!whole) return fail(Errc::corrupt, fmt::format("keystore {}: its content is not that of a keystore", path));
  return store;
}

Result<> Keystore::save(Fs& fs, const std::string& path, std::string_view password) const {
  std::string plain;
  for (const auto& [name, secret] : secrets_) append_secret(plain, name, secret);
  auto sealed = config::seal_keystore(plain, password);
  OPENSSL_cleanse(plain.data(), plain.size());
  if (!sealed) return tl::unexpected(sealed.error());
  if (sealed->size() > kFileBytesMax)
    return fail(Errc::full, fmt::format("keystore {} would be larger than {} bytes", path, kFileBytesMax));
  if (auto made = fs.make_dirs(parent_of(path)); !made) return made;
  return replace_file(fs, path, *sealed);
}

const std::string* Keystore::find(std::string_view name) const {
  const auto found = secrets_.find(name);
  return found == secrets_.end() ? nullptr : &found->second;
}

std::vector<std::string> Keystore::names() const {
  std::vector<std::string> all;
  for (const auto& [name, secret] : secrets_) all.push_back(name);
  return all;
}

Result<> Keystore::set(const std::string& name, std::string secret) {
  const auto good = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  };
  if (name.empty() || name.size() > kNameBytesMax || !std::all_of(name.begin(), name.end(), good)) {
    return fail(Errc::config, fmt::format("'{}' is no name of a secret: 1 to {} letters, digits, '_', '.' and '-'",
                                          config::printable(name), kNameBytesMax));
  }
  if (secret.empty()) return fail(Errc::config, "the secret is empty");
  if (secret.size() > kSecretBytesMax)
    return fail(Errc::config, fmt::format("the secret is longer than {} bytes", kSecretBytesMax));
  secrets_[name] = std::move(secret);
  return {};
}

bool Keystore::remove(std::string_view name) {
  const auto found = secrets_.find(name);
  if (found == secrets_.end()) return false;
  secrets_.erase(found);
  return true;
}

Result<std::string> keystore_password(Fs& fs) {
  std::string path;
  if (const char* named = std::getenv("ACTABEAT_KEYSTORE_PASSWORD_FILE")) {
    path = named;
  } else if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY")) {
    path = std::string(credentials) + "/actabeat.keystore";
    if (const auto stat = fs.stat(path); !stat && stat.error().sys == ENOENT) return "";
  }
  if (path.empty()) return "";
  auto text = read_file(fs, path, kPasswordFileBytesMax);
  if (!text) return fail(text.error().code, "the keystore's password: " + text.error().what, text.error().sys);
  text->resize(std::min(text->size(), text->find('\n')));
  if (text->empty()) return fail(Errc::config, path + ": the keystore's password is empty");
  return text;
}

}  // namespace acta
