#include "processors/audit/field_key.h"

#include <array>
#include <bit>

#include "processors/audit/words.h"

namespace acta::audit {
namespace {

constexpr std::string_view kTexts[kKeyCount] = {"",
#define ACTA_AUDIT_KEY(name, text) text,
                                                ACTA_AUDIT_KEYS(ACTA_AUDIT_KEY)
#undef ACTA_AUDIT_KEY
};

constexpr size_t kSlots = 2048;  // several times the number of keys: most are found at the first look
constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15;

inline size_t slot_of(const Words& words, size_t size) {
  return static_cast<size_t>(((words.first ^ (words.last << 1) ^ size) * kMultiplier) >> 53);  // 11 bits
}
static_assert(kSlots == size_t{1} << 11);

struct Table {
  std::array<Key, kSlots> slots{};
  std::array<Words, kKeyCount> words{};
  Table() {
    for (size_t i = 1; i < kKeyCount; ++i) {
      words[i] = words_of(kTexts[i]);
      size_t at = slot_of(words[i], kTexts[i].size());
      while (slots[at] != Key::other) at = (at + 1) % kSlots;
      slots[at] = static_cast<Key>(i);
    }
  }
};
const Table kTable;

constexpr std::array<char, 256> make_bytes() {
  std::array<char, 256> bytes{};
  for (size_t i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const bool kept =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '[' || c == ']';
    bytes[i] = kept ? c : '_';
  }
  return bytes;
}
constexpr std::array<char, 256> kBytes = make_bytes();

static_assert([] {
  for (const std::string_view text : kTexts) {
    if (text.size() > kKeySizeMax) return false;
  }
  return true;
}());

constexpr char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

using KeyBytes = std::array<char, kKeySizeMax + 1>;
static_assert(sizeof(KeyBytes) == 2 * sizeof(uint64_t));

constexpr KeyForms make_forms(std::string_view key) {
  KeyForms forms;
  KeyBytes printed{}, upper{}, mask{};
  forms.size = static_cast<uint8_t>(key.size());
  forms.is_document_key = true;
  for (size_t i = 0; i < key.size(); ++i) {
    printed[i] = key[i];
    upper[i] = to_upper(key[i]);
    mask[i] = '\xFF';
    forms.is_document_key = forms.is_document_key && kBytes[static_cast<unsigned char>(key[i])] == key[i];
  }
  printed[key.size()] = upper[key.size()] = '=';
  mask[key.size()] = '\xFF';
  using TwoWords = std::array<uint64_t, 2>;
  forms.printed = std::bit_cast<TwoWords>(printed);
  forms.upper = std::bit_cast<TwoWords>(upper);
  forms.mask = std::bit_cast<TwoWords>(mask);
  return forms;
}

constexpr KeyJson make_json(std::string_view key) {
  KeyJson json{};
  char* to = json.data();
  for (const std::string_view part : {std::string_view(",\""), key, std::string_view("\":")}) {
    for (const char c : part) *to++ = c;
  }
  return json;
}

// Of every key; of Key::other nothing.
template <class Made>
constexpr std::array<Made, kKeyCount> make_all(Made (*make)(std::string_view key)) {
  std::array<Made, kKeyCount> all{};
  for (size_t i = 1; i < kKeyCount; ++i) all[i] = make(kTexts[i]);
  return all;
}

}  // namespace

constexpr std::array<KeyForms, kKeyCount> kKeyForms = make_all(make_forms);
alignas(64) constexpr std::array<KeyJson, kKeyCount> kKeyJson = make_all(make_json);

Key find_upper_key(std::string_view text) {
  if (text.size() > kWordsMax) return Key::other;
  char lower[kWordsMax];
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= 'a' && c <= 'z') return Key::other;
    lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return find_key({lower, text.size()});
}

Key find_key(std::string_view text) {
  if (text.empty() || text.size() > kWordsMax) return Key::other;
  const Words words = words_of(text);
  for (size_t at = slot_of(words, text.size());; at = (at + 1) % kSlots) {
    const Key key = kTable.slots[at];
    if (key == Key::other || (kTable.words[index(key)] == words && kTexts[index(key)].size() == text.size()))
      return key;
  }
}

std::string_view key_text(Key key) {
  return kTexts[index(key)];
}

char document_key_byte(char byte) {
  return kBytes[static_cast<unsigned char>(byte)];
}

bool is_document_key(std::string_view key) {
  for (const char c : key) {
    if (document_key_byte(c) != c) return false;
  }
  return !key.empty();
}

}  // namespace acta::audit
