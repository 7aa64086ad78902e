#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/document.h"

namespace acta::report::audit {

/// Which release of the audit tools decides what one event is. 3.x ends an event at LOGIN (1006): the SYSCALL and
/// PROCTITLE records that carry the same key are another event. 4.x does not.
enum class Compat : uint8_t { v3 = 3, v4 = 4 };

/// One record of an event, as auditd writes it.
struct AuditRecord {
  int type = -1;               ///< number of libaudit 3.x, n of UNKNOWN[n]; -1 for a name that it does not know
  std::string_view message{};  ///< the line without its enriched tail
  std::string_view tail{};     ///< after byte 0x1D; empty when there is none
};

/// A name that the document gives an id.
struct IdName {
  bool group = false;
  uint32_t id = 0;
  std::string name{};
};

/// Where a record lay.
struct LogPlace {
  uint64_t log = 0;  ///< a hash of the host and what names the log; 0: not known
  uint64_t offset = 0;
};

/// One event as the audit tools see it, or a part of one. Owns its text. A value that is moved, never copied.
struct AuditEvent {
  int64_t second = 0;
  unsigned milli = 0;
  uint64_t serial = 0;
  std::string node{};  ///< empty: none
  bool has_node = false;
  bool enriched = false;             ///< a record has a tail
  bool complete_at_once = false;     ///< the document is of one record, of a type that never has company
  bool rebuilt = false;              ///< the document had no event.original: the records are made of its fields
  std::vector<AuditRecord> records;  ///< at least one, in their order
  std::vector<IdName> names{};       ///< what the document calls the ids of its records
  std::string host{};                ///< host.name of the document
  LogPlace place{};                  ///< of the first record

  AuditEvent() = default;
  AuditEvent(AuditEvent&&) = default;
  AuditEvent& operator=(AuditEvent&&) = default;

  [[nodiscard]] bool has(int type) const { return has(type, type); }
  /// Whether a record has a type within [low, high].
  [[nodiscard]] bool has(int low, int high) const;
  /// The type of the first record.
  [[nodiscard]] int type() const { return records.front().type; }
  /// Adds the records of another part.
  void append(AuditEvent part);

  // What the records' views refer to (a vector keeps its place when moved).
  std::vector<char> text_{};
  std::vector<std::vector<char>> further_texts_{};  ///< of the parts
};

/// Whether an event whose first record has this type has no further ones.
bool is_single_record(int type, Compat compat);

/// Makes of an audit document the events that the tools would see in its records: one, or with 3.x and LOGIN two; or a
/// part for each record, when they lay apart. From event.original, or where that is missing from the fields. Adds none
/// for a document that has no record with a stamp; that is false. `with_names`: fills AuditEvent::names.
bool make_events(const Document& document, Compat compat, bool with_names, std::vector<AuditEvent>& events);

/// The same of records in text, each with its line end.
void split_events(std::string_view text, Compat compat, std::vector<AuditEvent>& events);

/// The lines that the records of a document had, each ended by \n, put together from its fields: the same fields and
/// values in each, though not always the quotes (docs/classic-tools.md).
std::string rebuild_records(const Document& document);

}  // namespace acta::report::audit
