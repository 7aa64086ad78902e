#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "processors/audit/draft.h"

namespace acta::audit {

/// Tells for each field of an event's records, of the body and of the enriched tail, where in the document it went. One
/// thread.
///
/// One line each, tab-separated: event id, index of the record in auditd.record_types, record type, key as printed,
/// occurrence of the key in the record, value as printed (a JSON string), document path (auditd.paths[1].name; "-" for
/// a field that was cut, as actabeat.truncated says). Ids, types and keys are JSON strings where they are not plain
/// text.
class Explainer final : public FieldObserver {
 public:
  void placed(size_t record, size_t slot, const FieldPlace& place) override;
  void tail_placed(size_t record, std::string_view value, const FieldPlace& place) override;
  /// Appends the lines of the event that was just normalized, in the order of its records and fields, and forgets it.
  void append_lines(const EventFields& fields, std::string_view id, std::string& out);

 private:
  struct Placed {
    size_t record, slot;
    FieldPlace place;
  };
  struct PlacedTail {
    size_t record;
    const char* value;
    FieldPlace place;
  };
  std::vector<Placed> placed_;
  std::vector<PlacedTail> tails_;
  std::vector<Field> tail_;
};

/// The path of a place: "auditd.data.exe", "auditd.repeated[0].uid".
std::string document_path(const FieldPlace& place);

}  // namespace acta::audit
