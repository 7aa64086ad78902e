#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "processors/audit/field_key.h"

namespace acta::audit {

/// Counts repeated keys of a record while its fields are made. `Fields` has size(), and field(i) with `key`, `id` and
/// `occurrence`.
class Occurrences {
 public:
  /// How many of the fields have the key.
  template <class Fields>
  uint16_t count(std::string_view key, Key id, const Fields& fields) {
    if (fields.size() >= kScanMax) return 0;  // recount() does it
    if (id == Key::other) return count_other(key, fields);
    uint64_t& word = known_[index(id) / 64];
    const uint64_t bit = uint64_t{1} << (index(id) % 64);
    if ((word & bit) != 0) [[unlikely]]
      return latest(fields, [id](const auto& field) { return field.id == id; });
    word |= bit;
    return 0;
  }

  /// For records with so many fields that going back would take quadratic time.
  template <class Fields>
  static void recount(Fields& fields) {
    if (fields.size() <= kScanMax) return;
    size_t slots = 1;
    while (slots < fields.size() * 2) slots *= 2;
    std::vector<uint32_t> latest(slots, 0);  // index of the latest field of a key, plus one
    for (size_t i = 0; i < fields.size(); ++i) {
      auto& field = fields.field(i);
      size_t slot = (hash(field.key) * 0x9e3779b1u) & (slots - 1);
      while (latest[slot] != 0 && fields.field(latest[slot] - 1).key != field.key) slot = (slot + 1) & (slots - 1);
      field.occurrence = latest[slot] == 0 ? uint16_t{0} : next(fields.field(latest[slot] - 1).occurrence);
      latest[slot] = static_cast<uint32_t>(i + 1);
    }
  }

 private:
  static constexpr size_t kScanMax = 128;  // fields up to which repeated keys are looked for by going back

  static constexpr uint16_t next(uint16_t occurrence) {
    return occurrence == UINT16_MAX ? occurrence : static_cast<uint16_t>(occurrence + 1);
  }

  template <class Fields, class Same>
  static uint16_t latest(const Fields& fields, const Same& same) {
    for (size_t i = fields.size(); i-- > 0;) {
      if (same(fields.field(i))) return next(fields.field(i).occurrence);
    }
    return 0;
  }

  template <class Fields>
  uint16_t count_other(std::string_view key, const Fields& fields) {
    const uint32_t number = hash(key) >> 24;
    uint64_t& word = seen_[number / 64];
    const uint64_t bit = uint64_t{1} << (number % 64);
    if ((word & bit) != 0) return latest(fields, [key](const auto& field) { return field.key == key; });
    word |= bit;
    return 0;
  }

  static uint32_t hash(std::string_view key);

  std::array<uint64_t, kKeyCount / 64 + 1> known_{};
  std::array<uint64_t, 4> seen_{};  // of other keys, by hash
};

}  // namespace acta::audit
