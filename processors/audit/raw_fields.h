#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "processors/audit/claims.h"
#include "processors/audit/draft.h"
#include "processors/audit/interpret.h"
#include "processors/audit/record_list.h"

namespace acta::audit {

class IdNames;

/// Writes every field of every record to exactly one path of the document, as printed, and beside it the words for it:
///   PATH records        auditd.paths[i].K
///   EXECVE records      auditd.execve[i].K
///   all others          auditd.data.K, SYSCALL first, then in record order; what finds its key taken goes to
///   auditd.repeated[j].K: of a record type
///                       that the event had already the whole record, of others only the fields in question
/// auditd.data has syscall and arch as names and a negative exit as the name of the error; auditd.raw has them as
/// printed. Words stand under `interpreted`, where they differ from what stands beside them; bytes that are not UTF-8
/// under `bytes` in hexadecimal. A field of an enriched tail stands among the words of the field that it belongs to;
/// one that belongs to none, at auditd.interpreted.K or, where that is taken, auditd.repeated[j].interpreted.K. Fills
/// Draft::data. Reused without an allocation once its buffers have grown. One thread.
class RawFields {
 public:
  RawFields(Interpreter& interpreter, IdNames& names) : interpreter_(interpreter), names_(names) {}

  /// `args_bytes_max`: EXECVE arguments whose bytes together are more than this are left out.
  void write(Draft& draft, size_t args_bytes_max, FieldObserver* observer);

  /// Fields of auditd.repeated that are the first of their name in their record: of the last event.
  [[nodiscard]] const std::vector<RepeatedField>& repeated() const { return repeated_fields_; }

 private:
  struct PathWords {
    Key key = Key::other;
    uint8_t size = 0;
    Words text{};
    std::string words{};
  };
  static constexpr unsigned kPathWordsBits = 8;
  struct Overflow {
    uint32_t occurrence;
    uint32_t slot;
  };

  void write_data_record(size_t record);
  void write_plain_field(const RecordFields& fields, const FieldSlot& slot);
  void write_data_field(size_t record, const FieldSlot& slot);
  uint32_t write_list_record(FieldId list, FieldPlace::Where where, uint32_t item, size_t record);
  void write_overflow(FieldId list, size_t record);
  void write_item(FieldId list, uint32_t item, size_t record);
  void write_tail_alone(const TailField& tail);
  [[nodiscard]] std::string_view special_value(const FieldSlot& slot) const;
  [[nodiscard]] std::string_view item_name(const FieldSlot& slot) const;
  [[nodiscard]] std::string_view marked_name(const FieldSlot& slot) const;
  [[nodiscard]] MemberKey item_key(const FieldSlot& slot) const;
  std::string_view words_for(const RecordFields& record, const FieldSlot& slot, std::string_view beside);
  std::string_view typed_words(const RecordFields& record, const FieldSlot& slot);
  std::string_view path_words(const FieldSlot& slot);
  std::string_view argument_words(const FieldSlot& slot);
  std::string_view readable(const FieldSlot& slot);
  std::string_view bytes_of(const FieldSlot& slot);
  std::string_view hex_of(std::string_view bytes);
  bool has_seen_type(const Record& record);
  uint32_t occurrence_of(const RecordFields& record, const FieldSlot& slot);
  bool leave_out(const FieldSlot& slot);
  void saw(size_t record, const FieldSlot& slot, const FieldPlace& place, std::string_view special = {}) const {
    if (observer_ != nullptr) [[unlikely]]
      tell(record, slot, place, special);
  }
  void tell(size_t record, const FieldSlot& slot, FieldPlace place, std::string_view special) const;

  Interpreter& interpreter_;
  IdNames& names_;
  Draft* draft_ = nullptr;
  FieldObserver* observer_ = nullptr;
  FieldContext context_;
  size_t args_bytes_left_ = 0;
  uint32_t args_left_out_ = 0;
  uint32_t repeated_ = 0;  ///< items of auditd.repeated
  Claims data_;
  Claims own_;                   ///< names within one record, when they are not its keys
  std::vector<uint16_t> types_;  ///< record types that auditd.data has fields of
  Claims names_of_types_;        ///< the same for types that have no number
  std::vector<Overflow> overflow_;
  std::vector<RepeatedField> repeated_fields_;
  std::array<PathWords, size_t{1} << kPathWordsBits> path_words_{};
  std::vector<uint32_t> slots_;  ///< of the item being written
};

}  // namespace acta::audit
