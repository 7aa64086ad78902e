#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "processors/audit/event_fields.h"
#include "processors/audit/normalize_table.h"

namespace acta::audit {

/// Where a field of a record went.
struct FieldPlace {
  enum class Where : uint8_t { data, raw, path, execve, repeated, left_out };
  Where where = Where::data;
  bool words = false;       ///< among the words there (`interpreted`)
  uint32_t item = 0;        ///< of auditd.paths, auditd.execve, auditd.repeated
  std::string_view name{};  ///< key there
};

/// Sees each field of an event as it is placed, in no particular order (explain): those of the body by their slot,
/// those of the enriched tail by their value, a view into the record.
class FieldObserver {
 public:
  virtual ~FieldObserver() = default;
  virtual void placed(size_t record, size_t slot, const FieldPlace& place) = 0;
  virtual void tail_placed(size_t record, std::string_view value, const FieldPlace& place) = 0;
};

/// One event on its way from records to document: what the parts of the normalizer share. Lives during one
/// Normalizer::normalize().
struct Draft {
  const AssembledEvent* event = nullptr;
  const EventFields* fields = nullptr;
  Event* out = nullptr;

  int syscall_record = -1;  ///< index of the SYSCALL record; -1: none
  int primary = 0;          ///< index of the record that says what the event is: the first that is not auxiliary
  uint32_t arch = 0;        ///< AUDIT_ARCH_*; 0 unknown
  int32_t syscall = -1;     ///< number; -1 unknown
  std::string_view arch_printed{};     ///< of the field that `arch` is
  std::string_view syscall_printed{};  ///< of the field that `syscall` is
  std::string_view syscall_text{};     ///< its name, or as printed when it has none
  const Rule* type_rule = nullptr;     ///< of the primary record's type; null: none, or it is SYSCALL
  const Rule* syscall_rule = nullptr;  ///< null: no SYSCALL record

  /// The field that auditd.data.K was made of, by key; null: none.
  std::array<const FieldSlot*, kKeyCount> data{};

  [[nodiscard]] const RecordFields& record(int i) const { return (*fields)[static_cast<size_t>(i)]; }
  [[nodiscard]] const RecordFields& primary_record() const { return record(primary); }
  [[nodiscard]] const FieldSlot* slot(Key key) const { return data[index(key)]; }
  /// The first field of that key in the record; null when there is none.
  [[nodiscard]] const FieldSlot* slot_of(const RecordFields& record, Key key) const {
    const FieldSlot* found = slot(key);
    return found != nullptr && record.slots.holds(found) ? found : record.find(key);
  }
  /// What the field says; empty when it is missing or says nothing.
  [[nodiscard]] std::string_view text(Key key) const {
    const FieldSlot* found = slot(key);
    return found == nullptr || found->absent() ? std::string_view{} : found->text;
  }
  /// The field of the primary record, else of the event.
  [[nodiscard]] const FieldSlot* primary_slot(Key key) const {
    const FieldSlot* found = slot_of(primary_record(), key);
    return found != nullptr ? found : slot(key);
  }
  [[nodiscard]] std::string_view primary_text(Key key) const {
    const FieldSlot* found = primary_slot(key);
    return found == nullptr || found->absent() ? std::string_view{} : found->text;
  }
  /// What the primary record itself says; words for nothing count as nothing, in quotes too.
  [[nodiscard]] std::string_view primary_words(Key key) const {
    const FieldSlot* found = slot_of(primary_record(), key);
    return found == nullptr || found->absent() || is_word_for_nothing(found->text) ? std::string_view{} : found->text;
  }
  /// The rule that decides event.action and user.*: of the record type, else of the system call. Null: none.
  [[nodiscard]] const Rule* rule() const { return type_rule != nullptr ? type_rule : syscall_rule; }
};

}  // namespace acta::audit
