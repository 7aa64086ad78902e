#include "processors/audit/field_key.h"

#include <array>
#include <cstring>

namespace acta::audit {
namespace {

constexpr std::string_view kTexts[kKeyCount] = {"",
#define ACTA_AUDIT_KEY(name, text) text,
                                                ACTA_AUDIT_KEYS(ACTA_AUDIT_KEY)
#undef ACTA_AUDIT_KEY
};

constexpr size_t kSlots = 2048;  // several times the number of keys: most are found at the first look
constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15;

uint64_t load(const char* at, size_t size) {
  uint64_t word = 0;
  std::memcpy(&word, at, size);
  return word;
}

size_t slot_of(std::string_view text) {
  const char* at = text.data();
  const size_t size = text.size();
  uint64_t word = 0;
  if (size >= 8) {
    word = load(at, 8) ^ (load(at + size - 8, 8) << 1);
  } else if (size >= 4) {
    word = load(at, 4) | (load(at + size - 4, 4) << 32);
  } else if (size > 0) {
    const auto byte = [at](size_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(at[i])); };
    word = byte(0) | (byte(size / 2) << 8) | (byte(size - 1) << 16);
  }
  return static_cast<size_t>(((word + size) * kMultiplier) >> 53);  // 11 bits
}
static_assert(kSlots == size_t{1} << 11);

struct Table {
  std::array<Key, kSlots> slots{};
  Table() {
    for (size_t i = 1; i < kKeyCount; ++i) {
      size_t at = slot_of(kTexts[i]);
      while (slots[at] != Key::other) at = (at + 1) % kSlots;
      slots[at] = static_cast<Key>(i);
    }
  }
};

constexpr std::array<char, 256> make_bytes() {
  std::array<char, 256> bytes{};
  for (size_t i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '[' || c == ']';
    bytes[i] = kept ? c : '_';
  }
  return bytes;
}
constexpr std::array<char, 256> kBytes = make_bytes();

}  // namespace

Key find_key(std::string_view text) {
  static const Table table;
  for (size_t at = slot_of(text);; at = (at + 1) % kSlots) {
    const Key key = table.slots[at];
    if (key == Key::other || kTexts[index(key)] == text) return key;
  }
}

std::string_view key_text(Key key) { return kTexts[index(key)]; }

char document_key_byte(char byte) { return kBytes[static_cast<unsigned char>(byte)]; }

bool is_document_key(std::string_view key) {
  for (const char c : key) {
    if (document_key_byte(c) != c) return false;
  }
  return !key.empty();
}

}  // namespace acta::audit
