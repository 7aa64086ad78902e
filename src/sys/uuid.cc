#include "sys/uuid.h"

#include <openssl/evp.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>

#include "base/check.h"

namespace acta {
namespace {

using Bytes = std::array<uint8_t, 16>;

// The name space of host ids that are not UUIDs themselves; drawn once, never to change: ids of documents depend on it.
constexpr Bytes kOtherIds = {0x5d, 0x0c, 0x6e, 0x2b, 0x1a, 0x8f, 0x4c, 0x37,
                             0x9e, 0x44, 0xb3, 0x70, 0x6d, 0xa9, 0x25, 0xf1};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<Bytes> bytes_of(std::string_view id) {
  Bytes bytes{};
  size_t digits = 0;
  for (const char c : id) {
    if (c == '-') continue;
    const int digit = hex_digit(c);
    if (digit < 0 || digits == 32) return std::nullopt;
    bytes[digits / 2] = static_cast<uint8_t>((bytes[digits / 2] << 4) | digit);
    ++digits;
  }
  if (digits != 32) return std::nullopt;
  return bytes;
}

Bytes hash(const Bytes& space, std::string_view name, uint8_t version) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  CHECK(context != nullptr);
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  CHECK(EVP_DigestInit_ex(context, EVP_sha1(), nullptr) == 1);
  CHECK(EVP_DigestUpdate(context, space.data(), space.size()) == 1);
  CHECK(EVP_DigestUpdate(context, name.data(), name.size()) == 1);
  CHECK(EVP_DigestFinal_ex(context, digest.data(), &size) == 1);
  EVP_MD_CTX_free(context);
  CHECK(size >= 16);
  Bytes bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = digest[i];
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
  return bytes;
}

std::string text_of(const Bytes& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kDigits[bytes[i] >> 4]);
    text.push_back(kDigits[bytes[i] & 15]);
  }
  return text;
}

}  // namespace

std::string uuid5(std::string_view host_id, std::string_view name) {
  const std::optional<Bytes> own = bytes_of(host_id);
  return text_of(hash(own ? *own : hash(kOtherIds, host_id, 5), name, 5));
}

std::string uuid4() {
  Bytes bytes{};
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::getrandom(bytes.data() + done, bytes.size() - done, 0);
    CHECK(n > 0 || errno == EINTR);
    if (n > 0) done += static_cast<size_t>(n);
  }
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
  return text_of(bytes);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : hex_digit(text[i]) < 0) return false;
  }
  return true;
}

}  // namespace acta
