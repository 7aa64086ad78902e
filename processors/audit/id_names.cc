#include "processors/audit/id_names.h"

#include <bit>
#include <charconv>
#include <cstring>

#include "event/byte_block.h"

namespace acta::audit {
namespace {

// IdNames that auditd writes when it has none.
bool is_no_name(std::string_view tail) {
  return tail.empty() || tail == "unset" || tail.starts_with("unknown(");
}

// Logs that ausearch -i wrote have names in the place of numbers.
bool is_plain_name(const FieldSlot& slot) {
  const std::string_view text = slot.text;
  if (text.empty() || slot.field.in_message || is_unset_id(text) || text.starts_with("unknown(")) return false;
  return (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z') || text[0] == '_';
}

// Of at most eight digits, all in one word: a loop would end where the processor does not expect it. -1: not all are
// digits.
int64_t short_number(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  uint64_t word = 0;
  std::memcpy(&word, text.data(), is_block_readable(text.data()) ? sizeof word : text.size());
  const auto missing = static_cast<unsigned>(8 * (sizeof word - text.size()));
  const uint64_t digits = (word << missing) ^ ((kOnes * '0') << missing);  // the first one lowest, zeros before it
  if ((((digits + kOnes * 0x76) | digits) & (kOnes * 0x80)) != 0) return -1;
  const uint64_t pairs = ((digits * (1 + (10u << 8))) >> 8) & 0x00ff00ff00ff00ff;
  const uint64_t fours = ((pairs * (1 + (100u << 16))) >> 16) & 0x0000ffff0000ffff;
  return static_cast<int64_t>((fours * (1 + (uint64_t{10000} << 32))) >> 32);
}

constexpr size_t kKnownMax = 64;  // ids of one event that are remembered; a record of another making may have thousands

}  // namespace

bool is_unset_id(std::string_view text) {
  return text == "4294967295" || text == "-1" || text == "unset";
}

int64_t id_number(std::string_view text) {
  constexpr size_t kDigitsMax = 10;
  if (text.size() == 1 && text[0] >= '0' && text[0] <= '9') return text[0] - '0';  // the commonest
  if (text.empty() || text.size() > kDigitsMax || text[0] == '0') return -1;
  if (std::endian::native == std::endian::little && text.size() <= sizeof(uint64_t)) return short_number(text);
  if (text.size() == kDigitsMax && std::memcmp(text.data(), "4294967295", kDigitsMax) == 0) return -1;
  int64_t id = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    id = id * 10 + (c - '0');
  }
  return id < UINT32_MAX ? id : -1;
}

void IdNames::begin(UserDb* users, Arena& arena) {
  users_ = users;
  arena_ = &arena;
  known_.clear();
}

IdName IdNames::of(const FieldSlot* slot, bool group) {
  if (slot == nullptr) return {};
  const auto id = read_id(slot->text);
  if (!id) return is_plain_name(*slot) ? IdName{.id = {}, .name = slot->text} : IdName{};
  if (slot->has_tail) return {.id = slot->text, .name = is_no_name(slot->tail) ? std::string_view{} : slot->tail};
  return {.id = slot->text, .name = look_up(slot->text, *id, group)};
}

std::string_view IdNames::look_up(std::string_view text, uint32_t id, bool group) {
  for (const Known& known : known_) {
    if (known.group == group && known.id == text) return known.name;
  }
  if (users_ == nullptr) return {};
  const std::string_view name = arena_->copy(group ? users_->group_name(id) : users_->user_name(id));
  if (known_.size() < kKnownMax) known_.push_back({.id = text, .name = name, .group = group});
  return name;
}

std::string_view IdNames::digits(uint32_t id) {
  char text[10];
  const char* end = std::to_chars(text, text + sizeof text, id).ptr;
  return arena_->copy({text, static_cast<size_t>(end - text)});
}

IdName IdNames::user_named(std::string_view name) {
  if (name.empty()) return {};
  const auto id = users_ == nullptr ? std::nullopt : users_->user_id(name);
  return {.id = id ? digits(*id) : std::string_view{}, .name = name};
}

IdName IdNames::group_named(std::string_view name) {
  if (name.empty()) return {};
  const auto id = users_ == nullptr ? std::nullopt : users_->group_id(name);
  return {.id = id ? digits(*id) : std::string_view{}, .name = name};
}

std::string_view IdNames::words(const FieldSlot& slot, bool group) {
  if (slot.has_tail) return slot.tail;
  if (slot.text == "4294967295" || slot.text == "-1") return "unset";
  const auto id = read_id(slot.text);
  return id ? look_up(slot.text, *id, group) : std::string_view{};
}

}  // namespace acta::audit
