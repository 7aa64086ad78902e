#include "support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>

#include "base/check.h"

namespace acta::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

Key make_key() {
  Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  CHECK(key != nullptr);
  return key;
}

std::string pem_of(const auto& write) {
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
  CHECK(write(out.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<size_t>(size)};
}

std::string pem_of(X509* certificate) {
  return pem_of([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}
std::string pem_of(EVP_PKEY* key) {
  return pem_of([&](BIO* out) { return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  CHECK(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

Certificate begin(const Subject& subject, EVP_PKEY* key) {
  constexpr long kDay = 24L * 3600;
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  uint32_t serial = 0;
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), subject.from_days * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), subject.to_days * kDay);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(subject.name.c_str()), -1, -1, 0);
  return certificate;
}

}  // namespace

struct Authority::Parts {
  Key key = make_key();
  Certificate certificate{nullptr, X509_free};
};

Authority::Authority(const std::string& name) : parts_(std::make_unique<Parts>()) {
  parts_->certificate = begin({.name = name, .alternatives = "", .from_days = -2, .to_days = 3650}, parts_->key.get());
  X509* const own = parts_->certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
  extend(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
  CHECK(X509_sign(own, parts_->key.get(), EVP_sha256()) > 0);
  certificate_ = pem_of(own);
}

Authority::~Authority() = default;

Identity Authority::issue(const Subject& subject) const {
  const Key key = make_key();
  const Certificate certificate = begin(subject, key.get());
  X509* const issuer = parts_->certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
  if (!subject.alternatives.empty()) extend(certificate.get(), issuer, NID_subject_alt_name, subject.alternatives);
  extend(certificate.get(), issuer, NID_ext_key_usage, "serverAuth,clientAuth");
  CHECK(X509_sign(certificate.get(), parts_->key.get(), EVP_sha256()) > 0);
  return {pem_of(certificate.get()), pem_of(key.get())};
}

std::string Authority::fingerprint() const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  X509_digest(parts_->certificate.get(), EVP_sha256(), hash.data(), &size);
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    if (i > 0) text.push_back(':');
    text.append({kDigits[hash[i] >> 4], kDigits[hash[i] & 15]});
  }
  return text;
}

std::string Authority::pin() const {
  unsigned char* der = nullptr;
  const int bytes = i2d_PUBKEY(parts_->key.get(), &der);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  EVP_Digest(der, static_cast<size_t>(bytes), hash.data(), &size, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  std::array<unsigned char, 64> text{};
  const int length = EVP_EncodeBlock(text.data(), hash.data(), static_cast<int>(size));
  return {text.begin(), text.begin() + length};
}

std::string Authority::encrypted(const std::string& key, const std::string& passphrase) {
  const std::unique_ptr<BIO, int (*)(BIO*)> in(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())), BIO_free);
  const Key plain(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  CHECK(plain != nullptr);
  return pem_of([&](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, plain.get(), EVP_aes_256_cbc(), passphrase.data(),
                                         static_cast<int>(passphrase.size()), nullptr, nullptr);
  });
}

}  // namespace acta::test
