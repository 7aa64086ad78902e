#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "processors/audit/interpret.h"
#include "processors/audit/key_set.h"
#include "processors/audit/record.h"

namespace acta::audit {

/// One field of a record and what is known of it. Views live as long as the records and the arena of the event.
struct FieldSlot {
  Field field{};
  std::string_view name{};  ///< its key in documents: bytes that are no part of a name are underscores
  Key key = Key::other;
  Key name_key = Key::other;  ///< the key of that name, for Claims
  FieldKind kind = FieldKind::text;
  bool has_tail = false;
  std::string_view printed{};  ///< the value in documents: as printed, with its quotes when it would read like a word
                               ///< for nothing without them
  std::string_view text{};     ///< what it says: the value, decoded when it is escaped
  std::string_view tail{};     ///< what the enriched tail says of it

  /// Says nothing: empty, or one of the words for nothing, unquoted.
  [[nodiscard]] bool absent() const;
  /// A hexadecimal value that was decoded.
  [[nodiscard]] bool decoded() const { return text.data() != field.value.data(); }
};

/// Words that stand for "nothing": "?", "(null)", "(none)".
inline bool is_word_for_nothing(std::string_view text) {
  return text.size() == 1 ? text[0] == '?' : text.size() == 6 && (text == "(null)" || text == "(none)");
}

/// The fields of one record. Reused from record to record: what was there before stays until it is written over.
class FieldSlots {
 public:
  void clear() { size_ = 0; }
  /// Slots beyond those that were there hold anything.
  void resize(size_t size) {
    if (slots_.size() < size) slots_.resize(size);
    size_ = size;
  }
  FieldSlot& add() {
    if (size_ == slots_.size()) slots_.resize(std::max<size_t>(2 * size_, 16));
    ++size_;
    return back() = FieldSlot{};
  }

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] bool holds(const FieldSlot* slot) const { return slot >= begin() && slot < end(); }
  FieldSlot& operator[](size_t i) { return slots_[i]; }
  const FieldSlot& operator[](size_t i) const { return slots_[i]; }
  FieldSlot& back() { return slots_[size_ - 1]; }
  FieldSlot* begin() { return slots_.data(); }
  FieldSlot* end() { return slots_.data() + size_; }
  [[nodiscard]] const FieldSlot* begin() const { return slots_.data(); }
  [[nodiscard]] const FieldSlot* end() const { return slots_.data() + size_; }

 private:
  std::vector<FieldSlot> slots_;
  size_t size_ = 0;
};

/// A record with its fields.
struct RecordFields {
  const Record* record = nullptr;
  FieldSlots slots;
  KeySet keys;            ///< of the slots
  bool utf8 = true;       ///< body and enriched tail are valid UTF-8
  bool plain = false;     ///< the values of body and tail, without their quotes, are plain text (Value::is_plain)
  bool renamed = false;   ///< a field has another name in documents than its key, so that two keys can have one name
  bool distinct = false;  ///< every key is a known one, stands there once and is the name too (false: not looked at)

  [[nodiscard]] uint16_t type() const { return record->type; }
  /// The first field of that key; null when there is none.
  [[nodiscard]] const FieldSlot* find(Key key) const;
};

}  // namespace acta::audit
