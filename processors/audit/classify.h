#pragma once
#include <string_view>

#include "processors/audit/draft.h"
#include "processors/audit/file_fields.h"

namespace acta::audit {

/// Finds what the event is: its primary record, architecture and system call, and their rows of the table.
void classify(Draft& draft);

/// Writes event.kind, event.category, event.type, event.action. Category and type are the union of the rows of the
/// record type and the system call and of the rows of decisions among the other records; `change` takes the place of
/// the type of an opened file.
void write_event_kind(Draft& draft, FileChange change);

}  // namespace acta::audit
