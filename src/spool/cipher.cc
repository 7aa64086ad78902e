#include "spool/cipher.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include <array>

#include "base/bytes.h"

namespace acta::spool {
namespace {

constexpr std::string_view kPurpose = "actabeat spool";
constexpr std::string_view kCheckPurpose = "actabeat spool key check";
using Nonce = std::array<unsigned char, 12>;

Nonce nonce_of(uint32_t number) {
  std::string bytes(4, '\0');
  put_le(bytes, uint64_t{number});
  Nonce nonce{};
  std::copy(bytes.begin(), bytes.end(), nonce.begin());
  return nonce;
}

unsigned char* octets(char* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}
const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// HKDF-SHA256 of the spool's key, the segment's salt, and what the result is for.
bool derive(std::string secret, std::string salt, std::string info, unsigned char* into, size_t size) {
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret.data(), secret.size()),
                                   OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt.data(), salt.size()),
                                   OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
                                   OSSL_PARAM_construct_end()};
  EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  EVP_KDF_CTX* derivation = EVP_KDF_CTX_new(kdf);
  const bool derived = derivation != nullptr && EVP_KDF_derive(derivation, into, size, parameters) == 1;
  EVP_KDF_CTX_free(derivation);
  EVP_KDF_free(kdf);
  OPENSSL_cleanse(secret.data(), secret.size());
  return derived;
}

}  // namespace

struct Cipher::Context {
  std::array<unsigned char, 32> key{};
  KeyCheck check{};
  EVP_CIPHER_CTX* evp = EVP_CIPHER_CTX_new();

  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    EVP_CIPHER_CTX_free(evp);
    OPENSSL_cleanse(key.data(), key.size());
  }
};

Cipher::Cipher(std::unique_ptr<Context> context) : context_(std::move(context)) {}
Cipher::~Cipher() = default;

Result<std::unique_ptr<Cipher>> Cipher::of_segment(std::string_view master, const Salt& salt, uint64_t first) {
  if (master.size() != kMasterKeyBytes) return fail(Errc::config, "the spool's key must have 32 bytes");
  auto context = std::make_unique<Context>();
  std::string purpose(kPurpose), check_purpose(kCheckPurpose);
  put_le(purpose, first);
  put_le(check_purpose, first);
  const std::string salted(salt.begin(), salt.end());
  const bool derived =
      derive(std::string(master), salted, purpose, context->key.data(), context->key.size()) &&
      derive(std::string(master), salted, check_purpose, octets(context->check.data()), context->check.size());
  if (!derived || context->evp == nullptr)
    return fail(Errc::unsupported, "OpenSSL cannot derive the spool's key (HKDF)");
  return std::unique_ptr<Cipher>(new Cipher(std::move(context)));
}

const KeyCheck& Cipher::key_check() const {
  return context_->check;
}

Result<> Cipher::seal(uint32_t number, std::string_view associated, std::string& bytes, size_t from) {
  EVP_CIPHER_CTX* evp = context_->evp;
  const Nonce nonce = nonce_of(number);
  const size_t text_size = bytes.size() - from;
  bytes.resize(bytes.size() + kTagBytes);
  unsigned char* text = octets(bytes.data() + from);
  int size = 0, ignored = 0;
  const bool sealed =
      EVP_EncryptInit_ex(evp, EVP_aes_256_gcm(), nullptr, context_->key.data(), nonce.data()) == 1 &&
      EVP_EncryptUpdate(evp, nullptr, &ignored, octets(associated), static_cast<int>(associated.size())) == 1 &&
      EVP_EncryptUpdate(evp, text, &size, text, static_cast<int>(text_size)) == 1 &&
      EVP_EncryptFinal_ex(evp, text + size, &ignored) == 1 &&
      EVP_CIPHER_CTX_ctrl(evp, EVP_CTRL_GCM_GET_TAG, kTagBytes, text + text_size) == 1;
  if (!sealed) return fail(Errc::unsupported, "OpenSSL cannot encrypt (AES-256-GCM)");
  return {};
}

bool Cipher::open(uint32_t number, std::string_view associated, std::string& bytes, size_t from) {
  if (bytes.size() < from + kTagBytes) return false;
  EVP_CIPHER_CTX* evp = context_->evp;
  const Nonce nonce = nonce_of(number);
  const size_t text_size = bytes.size() - from - kTagBytes;
  unsigned char* text = octets(bytes.data() + from);
  int size = 0, ignored = 0;
  const bool opened =
      EVP_DecryptInit_ex(evp, EVP_aes_256_gcm(), nullptr, context_->key.data(), nonce.data()) == 1 &&
      EVP_DecryptUpdate(evp, nullptr, &ignored, octets(associated), static_cast<int>(associated.size())) == 1 &&
      EVP_DecryptUpdate(evp, text, &size, text, static_cast<int>(text_size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(evp, EVP_CTRL_GCM_SET_TAG, kTagBytes, text + text_size) == 1 &&
      EVP_DecryptFinal_ex(evp, text + size, &ignored) == 1;
  bytes.resize(from + text_size);
  return opened;
}

Result<> random_bytes(char* into, size_t size) {
  if (RAND_bytes(octets(into), static_cast<int>(size)) != 1)
    return fail(Errc::unsupported, "no random bytes from OpenSSL");
  return {};
}

}  // namespace acta::spool
