#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/event.h"
#include "processors/audit/assembler.h"
#include "processors/audit/field_key.h"
#include "processors/audit/interpret.h"
#include "processors/audit/record.h"

namespace acta::audit {

/// One field of a record and what is known of it. Views live as long as the records and the arena of the event.
struct FieldSlot {
  Field field{};
  std::string_view name{};     ///< its key in documents: bytes that are no part of a name are underscores
  std::string_view printed{};  ///< the value in documents: as printed, with its quotes when it would read like a word
                               ///< for nothing without them
  std::string_view text{};     ///< what it says: the value, decoded when it is escaped
  std::string_view tail{};     ///< what the enriched tail says of it
  Key key = Key::other;
  Key name_key = Key::other;  ///< the key of that name, for Claims
  FieldKind kind = FieldKind::text;
  bool has_tail = false;

  /// Says nothing: empty, or one of the words for nothing, unquoted.
  [[nodiscard]] bool absent() const;
  /// A hexadecimal value that was decoded.
  [[nodiscard]] bool decoded() const { return text.data() != field.value.data(); }
};

/// Words that stand for "nothing": "?", "(null)", "(none)".
bool is_word_for_nothing(std::string_view text);

/// A record with its fields.
struct RecordFields {
  const Record* record = nullptr;
  std::vector<FieldSlot> slots;
  bool utf8 = true;      ///< all of the line is valid UTF-8
  bool renamed = false;  ///< a field has another name in documents than its key, so that two keys can have one name

  [[nodiscard]] uint16_t type() const { return record->type; }
  /// The first field of that key; null when there is none.
  [[nodiscard]] const FieldSlot* find(Key key) const;
};

/// A field of an enriched tail whose record has no field of that name.
struct TailField {
  size_t record = 0;
  std::string_view name{};  ///< in documents: in lower case, as that of the field it should belong to
  Key name_key = Key::other;
  std::string_view value{};
};

/// The fields of an event's records: split, decoded, told by kind, with what the enriched tails add. Reused from event
/// to event, without an allocation once its buffers have grown. One thread.
class EventFields {
 public:
  explicit EventFields(const Interpreter& interpreter) : interpreter_(interpreter) {}

  /// Reads the event; decoded texts are put into `arena`. EOE records are left out: they say nothing.
  void read(const AssembledEvent& event, Arena& arena);

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] const RecordFields& operator[](size_t i) const { return records_[i]; }
  /// Fields of enriched tails that belong to no field, in record order.
  [[nodiscard]] const std::vector<TailField>& tails_alone() const { return tails_alone_; }
  /// Index of the first record of that type; -1 when there is none.
  [[nodiscard]] int find_record(uint16_t type) const;

 private:
  static constexpr uint8_t kUnknownKind = 0xff;
  using Kinds = std::array<uint8_t, kKeyCount>;

  /// What was learnt of a record type from the records before.
  struct TypeMemory {
    TypeMemory() { kinds.fill(kUnknownKind); }
    Kinds kinds;
    KeyOrder order, tail_order;
  };

  TypeMemory& memory_of(uint16_t type);
  void read_record(const Record& record, TypeMemory& memory, RecordFields& out, Arena& arena);
  void read_tail(const Record& record, TypeMemory& memory, RecordFields& out, Arena& arena);
  FieldKind kind_of(uint16_t type, Kinds& kinds, Key key, const Field& field) const;
  void set_texts(FieldSlot& slot, const Record& record, Arena& arena);
  static std::string_view document_key(std::string_view key, Arena& arena);

  const Interpreter& interpreter_;
  std::vector<RecordFields> records_;
  size_t size_ = 0;
  std::vector<Field> fields_;
  std::vector<TailField> tails_alone_;
  std::string scratch_;
  std::array<std::unique_ptr<TypeMemory>, 4096> types_;  ///< filled as they come; types above share the last
};

}  // namespace acta::audit
