#include "processors/audit/word_memo.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>

namespace acta::audit {
namespace {

constexpr size_t kProbesMax = 16;  ///< slots looked at; an entry that finds none free among them is not kept
constexpr size_t kAlign = 8;

uint64_t random_seed() {
  std::random_device device;
  return (static_cast<uint64_t>(device()) << 32) | device();
}

}  // namespace

WordMemo::WordMemo(size_t entries_max)
    : generation_entries_(std::max(entries_max / 2, kViewsKept + 1)), seed_(random_seed()) {
  for (Generation* one : {&young_, &old_, &forgotten_}) {
    one->slots.resize(std::bit_ceil(generation_entries_ * 2));
    one->text.reset(new char[kGenerationBytes]);  // not value-initialized: pages are touched as they are used
  }
}

std::optional<std::string_view> WordMemo::look(const Generation& in, uint64_t hash, uint64_t context,
                                               std::string_view value) {
  const size_t mask = in.slots.size() - 1;
  for (size_t probe = 0; probe < kProbesMax; ++probe) {
    const Slot& slot = in.slots[(hash + probe) & mask];
    if (slot.offset == 0) return std::nullopt;
    if (slot.hash != hash) continue;
    const char* entry = in.text.get() + slot.offset - 1;
    Head head;
    std::memcpy(&head, entry, sizeof head);
    const char* bytes = entry + sizeof head;
    if (head.context == context && std::string_view(bytes, head.value_size) == value) {
      return std::string_view(bytes + head.value_size, head.words_size);
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> WordMemo::find(uint64_t context, std::string_view value) {
  const uint64_t hash = XXH3_64bits_withSeed(value.data(), value.size(), seed_ ^ context);
  if (auto words = look(young_, hash, context, value)) return words;
  auto words = look(old_, hash, context, value);
  if (words) return put(hash, context, value, *words);
  return std::nullopt;
}

std::string_view WordMemo::insert(uint64_t context, std::string_view value, std::string_view words) {
  if (value.size() + words.size() > kEntryBytesMax) return words;
  return put(XXH3_64bits_withSeed(value.data(), value.size(), seed_ ^ context), context, value, words);
}

std::string_view WordMemo::put(uint64_t hash, uint64_t context, std::string_view value, std::string_view words) {
  const size_t size = (sizeof(Head) + value.size() + words.size() + kAlign - 1) / kAlign * kAlign;
  if (young_.entries >= generation_entries_ || young_.used + size > kGenerationBytes) turn();
  const size_t mask = young_.slots.size() - 1;
  Slot* free_slot = nullptr;
  for (size_t probe = 0; probe < kProbesMax && free_slot == nullptr; ++probe) {
    Slot& slot = young_.slots[(hash + probe) & mask];
    if (slot.offset == 0) free_slot = &slot;
  }
  char* entry = young_.text.get() + young_.used;
  const Head head{context, static_cast<uint16_t>(value.size()), static_cast<uint16_t>(words.size())};
  std::memcpy(entry, &head, sizeof head);
  char* bytes = entry + sizeof head;
  if (!value.empty()) std::memcpy(bytes, value.data(), value.size());
  if (!words.empty()) std::memcpy(bytes + value.size(), words.data(), words.size());
  if (free_slot != nullptr) *free_slot = {hash, static_cast<uint32_t>(young_.used + 1)};
  young_.used += size;
  ++young_.entries;
  return {bytes + value.size(), words.size()};
}

void WordMemo::turn() {
  std::swap(forgotten_, old_);
  std::swap(old_, young_);
  std::fill(young_.slots.begin(), young_.slots.end(), Slot{});
  young_.used = 0;
  young_.entries = 0;
}

}  // namespace acta::audit
