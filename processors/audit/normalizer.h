#pragma once
#include <cstddef>
#include <string>

#include "event/event.h"
#include "processors/audit/arguments.h"
#include "processors/audit/assembler.h"
#include "processors/audit/event_fields.h"
#include "processors/audit/file_fields.h"
#include "processors/audit/header_fields.h"
#include "processors/audit/id_names.h"
#include "processors/audit/interpret.h"
#include "processors/audit/network_fields.h"
#include "processors/audit/raw_fields.h"
#include "sys/services.h"

namespace acta::audit {

struct NormalizerOptions {
  size_t args_bytes_max =
      128u << 10;  ///< of process.args, and of auditd.execve; what is beyond is cut and said in actabeat.truncated
};

/// Makes ECS documents of assembled events: every field of every record to one path, and what they mean to the fields
/// of ECS. The parts are one file each; this is the order in which they are called. Reused from event to event, without
/// an allocation once its buffers have grown. One thread.
class Normalizer {
 public:
  /// `services` outlives the normalizer.
  Normalizer(const Services& services, const NormalizerOptions& options);

  /// Writes the document of an event that has records other than EOE; returns false, and writes nothing, when it has
  /// none. `out` is cleared first; it borrows from the event. `observer` sees where the fields of the records go; null
  /// for none.
  bool normalize(const AssembledEvent& event, Event& out, FieldObserver* observer = nullptr);

  /// The fields of the last event, as observers number them.
  [[nodiscard]] const EventFields& fields() const { return fields_; }

 private:
  [[nodiscard]] bool is_own(std::string_view node) const;
  static bool write_missing(const AssembledEvent& event, Event& out);

  const Services& services_;
  NormalizerOptions options_;
  Interpreter interpreter_;
  EventFields fields_;
  IdNames names_;
  RawFields raw_;
  HeaderFields header_;
  Arguments arguments_;
  FileFields file_;
  NetworkFields network_;
};

}  // namespace acta::audit
