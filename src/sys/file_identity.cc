#include "sys/file_identity.h"

#include <xxhash.h>

#include <algorithm>

namespace acta {
namespace {

constexpr size_t kAccountingBytes = 64;

std::string hex_hash(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  const uint64_t hash = XXH3_64bits(bytes.data(), bytes.size());
  std::string text(16, '0');
  for (size_t i = 0; i < text.size(); ++i) text[i] = kDigits[(hash >> (60 - 4 * i)) & 15];
  return text;
}

}  // namespace

std::string fingerprint(IdentityRule rule, std::string_view head) {
  if (rule == IdentityRule::first_64_bytes) {
    return head.size() < kAccountingBytes ? std::string() : hex_hash(head.substr(0, kAccountingBytes));
  }
  const std::string_view first = head.substr(0, kIdentityBytes);
  const size_t line_end = first.find('\n');
  if (line_end != std::string_view::npos) return hex_hash(first.substr(0, line_end));
  return first.size() < kIdentityBytes ? std::string() : hex_hash(first);
}

std::string provisional_fingerprint(std::string_view head) {
  return head.empty() ? std::string() : "~" + hex_hash(head);
}

}  // namespace acta
