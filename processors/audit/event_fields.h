#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "processors/audit/assembler.h"
#include "processors/audit/field_key.h"
#include "processors/audit/interpret.h"
#include "processors/audit/record.h"
#include "processors/audit/record_fields.h"
#include "processors/audit/shapes.h"

namespace acta::audit {

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
  using Kinds = std::array<uint8_t, kKeyCount>;
  static constexpr uint8_t kUnknownKind = 0xff;
  static constexpr uint8_t kRenamed = 0x80;  ///< beside the kind: the key's name in documents is another

  class SlotList;
  class TailList;

  /// What was learnt of a record type from the records before.
  struct TypeMemory {
    TypeMemory() { kinds.fill(kUnknownKind); }
    Kinds kinds;
    Shapes shapes;
  };

  TypeMemory& memory_of(uint16_t type);
  void read_record(const Record& record, RecordFields& out, Arena& arena);
  void split(const Record& record, TypeMemory& memory, RecordFields& out, Arena& arena);
  void finish_slot(FieldSlot& slot, Kinds& kinds, RecordFields& out, Arena& arena);
  FieldKind kind_of(uint16_t type, Kinds& kinds, const Field& field) const;
  void set_texts(FieldSlot& slot, const Record& record, Arena& arena);
  void add_tail_alone(const Field& field, Arena& arena);
  static std::string_view document_key(std::string_view key, Arena& arena);

  const Interpreter& interpreter_;
  std::vector<RecordFields> records_;
  size_t size_ = 0;
  std::vector<TailField> tails_alone_;
  std::array<std::unique_ptr<TypeMemory>, 4096> types_;  ///< filled as they come; types above share the last
};

}  // namespace acta::audit
