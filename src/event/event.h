#pragma once
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "event/field.h"

namespace acta {

/// A value of a field. Text is borrowed: from the event's arena (Event::set copies it there) or from whom
/// Event::set_view names.
class Value {
 public:
  enum class Kind : uint8_t { text, integer, boolean, floating, time };

  Value() : Value(std::string_view{}) {}
  explicit Value(std::string_view v, bool plain = false)
      : kind_(Kind::text), plain_(plain), size_(static_cast<uint32_t>(v.size())), text_(v.data()) {}
  explicit Value(int64_t v) : kind_(Kind::integer), integer_(v) {}
  explicit Value(bool v) : kind_(Kind::boolean), integer_(v ? 1 : 0) {}
  explicit Value(double v) : kind_(Kind::floating), floating_(v) {}
  static Value time(Nanos v) {
    Value value(v);
    value.kind_ = Kind::time;
    return value;
  }

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] std::string_view text() const {
    return kind_ == Kind::text ? std::string_view{text_, size_} : std::string_view{};
  }
  /// Text that is a JSON string as it stands: printable ASCII without quote and backslash. False: not known.
  [[nodiscard]] bool is_plain() const { return plain_; }
  [[nodiscard]] int64_t integer() const { return integer_; }  ///< integers, and times in nanoseconds since 1970
  [[nodiscard]] bool boolean() const { return integer_ != 0; }
  [[nodiscard]] double floating() const { return floating_; }

 private:
  Kind kind_;
  bool plain_ = false;
  uint32_t size_ = 0;
  union {
    const char* text_;
    int64_t integer_;
    double floating_;
  };
};

/// Bytes that can be read from where a prepared piece of JSON begins, and behind it (MemberKey, JsonWriter::fragment).
inline constexpr size_t kFragmentBytes = 32;
inline constexpr size_t kPreparedKeyMax = kFragmentBytes - 4;

/// The key of a member of a map or of an object in a list. Borrowed.
struct MemberKey {
  template <std::convertible_to<std::string_view> Text>
  MemberKey(const Text& key) : text(key) {}  // NOLINT(google-explicit-constructor): a key is its text
  MemberKey(std::string_view key, const char* prepared) : text(key), json(prepared) {}

  std::string_view text;
  /// The text as JSON with what surrounds it, `,"text":`, where kFragmentBytes can be read; null: Encoder makes it.
  /// Only for a text of at most kPreparedKeyMax bytes.
  const char* json = nullptr;
};

/// Bytes that live until clear(): one growing list of blocks, reused. One thread.
class Arena {
 public:
  /// Room for `size` bytes.
  char* allocate(size_t size) {
    if (size > static_cast<size_t>(end_ - at_)) [[unlikely]]
      next_block(size);
    return std::exchange(at_, at_ + size);
  }
  std::string_view copy(std::string_view bytes);
  /// Forgets everything; keeps the first blocks for the next use.
  void clear();

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };
  void next_block(size_t size);

  std::vector<Block> blocks_;
  size_t next_ = 0;  ///< the block to be used after this one
  char* at_ = nullptr;
  char* end_ = nullptr;  ///< of the block in use
};

/// The constant part of a host's documents (agent.*, ecs.*, host.*), rendered once and copied into each. Immutable.
class ConstantPart;

/// One document in the making: a flat list of (field, value), encoded as nested JSON by Encoder. Reused from event to
/// event, without an allocation once its buffers have grown. One thread.
///
/// A field is either a scalar (set: the last one wins), a list (add), a map with keys from the records (put) or a list
/// of objects with such keys (put_in). Which of them a field is stands in fields.yaml; the wrong verb is a bug and
/// aborts.
class Event {
 public:
  Event();

  void clear();

  // Scalars. Text is copied.
  void set(FieldId id, std::string_view v);
  void set(FieldId id, const char* v) { set(id, std::string_view(v)); }
  void set(FieldId id, int64_t v) { set_value(id, Value(v)); }
  void set(FieldId id, bool v) { set_value(id, Value(v)); }
  void set(FieldId id, double v) { set_value(id, Value(v)); }
  void set_time(FieldId id, Nanos v) { set_value(id, Value::time(v)); }
  /// Borrows: the bytes must live until the event is encoded (a literal, the raw records, arena()).
  void set_view(FieldId id, std::string_view v) { set_value(id, Value(v)); }

  // Lists.
  void add(FieldId id, std::string_view v) { add_view(id, arena_.copy(v)); }
  void add(FieldId id, int64_t v) { add_value(id, Value(v)); }
  void add_view(FieldId id, std::string_view v) { add_value(id, Value(v)); }
  /// Adds unless the list has it already (related.*).
  void add_unique(FieldId id, std::string_view v);

  // Maps: keys, groups and values are borrowed. A key is put once; the caller asks find(id, key) where it can occur
  // twice. `group` puts the key into an object of that name inside the map (auditd.data.socket.family: key "family",
  // group "socket"); plain keys come before groups, and the keys of a group together. find() names such a key
  // "socket.family".
  void put(FieldId map, MemberKey key, std::string_view v, std::string_view group = {}) {
    put(map, key, Value(v), group);
  }
  void put(FieldId map, MemberKey key, Value v, std::string_view group = {}) {
    CHECK(field_form(map) == FieldForm::map);
    append(map, v, key, group, 0);
  }

  // Lists of objects. Items are numbered from 0 in order: put_in(list, 1, …) comes after all of item 0. Keys and values
  // are borrowed. `group` puts the key into an object of that name inside the item ("interpreted"); an item's plain
  // keys come before its group.
  void put_in(FieldId list, uint32_t item, MemberKey key, std::string_view v, std::string_view group = {}) {
    put_in(list, item, key, Value(v), group);
  }
  void put_in(FieldId list, uint32_t item, MemberKey key, Value v, std::string_view group = {}) {
    CHECK(field_form(list) == FieldForm::objects);
    append(list, v, key, group, item);
  }

  /// The scalar, or the first entry of a list, map or list of objects; null when the field is not there.
  [[nodiscard]] const Value* find(FieldId id) const {
    const Event& holder = holder_of(id);
    const uint32_t at = holder.first_[index(id)];
    return at == kNone ? nullptr : &holder.entries_[at].value;
  }
  [[nodiscard]] bool has(FieldId id) const { return find(id) != nullptr; }
  /// The text of a scalar; empty when missing or not text.
  [[nodiscard]] std::string_view text(FieldId id) const;
  [[nodiscard]] const Value* find(FieldId map, std::string_view key) const;
  void erase(FieldId id);

  /// One entry of a field, in order of insertion.
  struct Entry {
    Value value;
    std::string_view key{};          ///< maps and lists of objects
    std::string_view group{};        ///< maps and lists of objects
    const char* key_json = nullptr;  ///< as in MemberKey
    uint32_t item = 0;               ///< lists of objects
    uint32_t next = kNone;
  };
  /// Entries of a field, one after the other. Valid until the event is changed.
  class Entries {
   public:
    explicit operator bool() const { return at_ != kNone; }
    const Entry& operator*() const { return entries_[at_]; }
    void operator++() { at_ = entries_[at_].next; }

   private:
    friend class Event;
    Entries(const Entry* entries, uint32_t at) : entries_(entries), at_(at) {}
    const Entry* entries_;
    uint32_t at_;
  };
  [[nodiscard]] Entries entries(FieldId id) const {
    const Event& holder = holder_of(id);
    return {holder.entries_.get(), holder.first_[index(id)]};
  }
  /// Calls f(const Entry&) for each entry of the field.
  template <class F>
  void each(FieldId id, F&& f) const {
    for (Entries at = entries(id); at; ++at) f(*at);
  }
  /// Calls f(FieldId) for each field that the event has of its own, in the order of ids.
  template <class F>
  void each_field(F&& f) const {
    for (size_t word = 0; word < present_.size(); ++word) {
      for (uint64_t bits = present_[word]; bits != 0; bits &= bits - 1) {
        f(static_cast<FieldId>(word * 64 + static_cast<size_t>(std::countr_zero(bits))));
      }
    }
  }

  /// The constant part that Encoder writes for this event; null for none. Not owned. find() and each() see it. Setting
  /// or erasing a field of the constant part by the verbs above first copies the part into the event, so that the
  /// change holds for this event alone.
  void set_constant(const ConstantPart* part) { constant_ = part; }
  [[nodiscard]] const ConstantPart* constant() const { return constant_; }

  Arena& arena() { return arena_; }

 private:
  friend class Encoder;
  void add_value(FieldId id, Value value);
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr size_t index(FieldId id) { return static_cast<size_t>(id); }

  /// The event itself, or the constant part's where the field is only there.
  [[nodiscard]] const Event& holder_of(FieldId id) const {
    return constant_ != nullptr && is_constant_field(id) ? constant_fields() : *this;
  }
  [[nodiscard]] const Event& constant_fields() const;
  static bool is_constant_field(FieldId id) { return id <= kLastConstantField && id != FieldId::kTimestamp; }
  void set_value(FieldId id, Value v);
  [[gnu::noinline]] void set_constant_value(FieldId id, Value v);
  /// Makes the entry where it stays: copying one that was just put together would wait for its parts to be stored.
  void append(FieldId id, Value value, MemberKey key, std::string_view group, uint32_t item) {
    const uint32_t at = used_;
    Entry& entry = entries_[at];
    entry.value = value;
    entry.key = key.text;
    entry.key_json = key.json;
    entry.group = group;
    entry.item = item;
    entry.next = kNone;
    const size_t i = index(id);
    if (first_[i] == kNone) {
      first_[i] = at;
      present_[i / 64] |= uint64_t{1} << (i % 64);
    } else {
      entries_[last_[i]].next = at;
    }
    last_[i] = at;
    if (++used_ == capacity_) [[unlikely]]
      grow();  // at the end: what comes before then needs no registers that a call spares
  }
  [[nodiscard]] Entries own_entries(FieldId id) const { return {entries_.get(), first_[index(id)]}; }
  void grow();
  void own_constant_part();

  Arena arena_;
  std::unique_ptr<Entry[]> entries_;  ///< the first used_ of capacity_ are the event's
  uint32_t capacity_ = 0;             ///< more than used_
  uint32_t used_ = 0;
  std::array<uint32_t, kFieldCount> first_;
  std::array<uint32_t, kFieldCount> last_;
  std::array<uint64_t, (kFieldCount + 63) / 64> present_{};
  const ConstantPart* constant_ = nullptr;
};

}  // namespace acta
