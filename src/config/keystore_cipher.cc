#include "config/keystore_cipher.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>

namespace acta::config {
namespace {

constexpr std::string_view kMagic = "ACTAKEY1";
constexpr size_t kSaltAt = 12, kSaltBytes = 16, kNonceAt = kSaltAt + kSaltBytes, kNonceBytes = 12;
constexpr size_t kHeaderBytes = kNonceAt + kNonceBytes, kTagBytes = 16, kKeyBytes = 32;

/// Costs of scrypt: 128 * r * N bytes of memory.
struct Costs {
  unsigned log_n = 14, r = 8, p = 1;
};
constexpr Costs kCosts;
constexpr Costs kCostsMax{.log_n = 18, .r = 16, .p = 4};
constexpr uint64_t kScryptBytesMax = 1u << 30;

/// A key that does not stay in memory after its use.
struct Key {
  std::array<unsigned char, kKeyBytes> bytes{};
  Key() = default;
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* octets(char* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

bool derive(std::string_view password, std::string_view salt, const Costs& costs, Key& key) {
  return EVP_PBE_scrypt(password.data(), password.size(), octets(salt), salt.size(), uint64_t{1} << costs.log_n,
                        costs.r, costs.p, kScryptBytesMax, key.bytes.data(), key.bytes.size()) == 1;
}

}  // namespace

Result<std::string> seal_keystore(std::string_view plain, std::string_view password) {
  std::string out(kMagic);
  for (const unsigned cost : {kCosts.log_n, kCosts.r, kCosts.p, 0u}) out += static_cast<char>(cost);
  out.resize(kHeaderBytes + plain.size() + kTagBytes);
  Key key;
  const Context evp(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  unsigned char* const bytes = octets(out.data());
  int size = 0, rest = 0;
  const bool sealed =
      RAND_bytes(bytes + kSaltAt, kSaltBytes + kNonceBytes) == 1 &&
      derive(password, std::string_view(out).substr(kSaltAt, kSaltBytes), kCosts, key) && evp != nullptr &&
      EVP_EncryptInit_ex(evp.get(), EVP_aes_256_gcm(), nullptr, key.bytes.data(), bytes + kNonceAt) == 1 &&
      EVP_EncryptUpdate(evp.get(), nullptr, &rest, bytes, kHeaderBytes) == 1 &&
      EVP_EncryptUpdate(evp.get(), bytes + kHeaderBytes, &size, octets(plain), static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(evp.get(), bytes + kHeaderBytes + size, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(evp.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, bytes + kHeaderBytes + plain.size()) == 1;
  if (!sealed) return fail(Errc::unsupported, "OpenSSL cannot encrypt it (scrypt, AES-256-GCM)");
  return out;
}

Result<std::string> open_keystore(std::string_view bytes, std::string_view password) {
  if (bytes.size() < kMagic.size() || !bytes.starts_with(kMagic.substr(0, kMagic.size() - 1)))
    return fail(Errc::corrupt, "it is no keystore of actabeat");
  if (!bytes.starts_with(kMagic)) return fail(Errc::unsupported, "it was written by a newer actabeat");
  if (bytes.size() < kHeaderBytes + kTagBytes) return fail(Errc::corrupt, "it is cut short");
  const auto byte = [&](size_t at) { return unsigned{static_cast<unsigned char>(bytes[at])}; };
  const Costs costs{byte(8), byte(9), byte(10)};
  if (costs.log_n == 0 || costs.r == 0 || costs.p == 0 || costs.log_n > kCostsMax.log_n || costs.r > kCostsMax.r ||
      costs.p > kCostsMax.p)
    return fail(Errc::unsupported, "its costs of scrypt are not those of an actabeat");
  Key key;
  const size_t size = bytes.size() - kHeaderBytes - kTagBytes;
  std::string plain(size, '\0'), tag(bytes.substr(kHeaderBytes + size));
  const Context evp(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  if (evp == nullptr || !derive(password, bytes.substr(kSaltAt, kSaltBytes), costs, key))
    return fail(Errc::unsupported, "OpenSSL cannot make its key (scrypt)");
  int done = 0, rest = 0;
  unsigned char end[1];
  const bool opened =
      EVP_DecryptInit_ex(evp.get(), EVP_aes_256_gcm(), nullptr, key.bytes.data(), octets(bytes) + kNonceAt) == 1 &&
      EVP_DecryptUpdate(evp.get(), nullptr, &rest, octets(bytes), kHeaderBytes) == 1 &&
      EVP_DecryptUpdate(evp.get(), octets(plain.data()), &done, octets(bytes) + kHeaderBytes, static_cast<int>(size)) ==
          1 &&
      EVP_CIPHER_CTX_ctrl(evp.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(evp.get(), end, &rest) == 1;
  if (!opened) {
    OPENSSL_cleanse(plain.data(), plain.size());
    return fail(Errc::corrupt, "it was changed, is damaged or cut short, or has another password");
  }
  return plain;
}

}  // namespace acta::config
