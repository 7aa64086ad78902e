#pragma once
#include <cstddef>
#include <vector>

#include "processors/audit/draft.h"

namespace acta::audit {

/// A field that another record of the event has too, so that auditd.data has only one of them.
struct RepeatedField {
  size_t record = 0;
  const FieldSlot* slot = nullptr;
};

inline constexpr size_t kRecordListMax = 1024;  ///< ignore_above of keywords, in bytes to be on the safe side

/// Writes what lets a server group events as aureport(8) counts them, without a look at a document:
///   auditd.records  the types of all records as one text, "LOGIN SYSCALL PROCTITLE" (a server keeps the items of a
///                   list as a set). Behind a type stands in braces what its record says otherwise than auditd.data, as
///                   far as the tools look at it: CONFIG_CHANGE{key="shadow"}
///   auditd.names    name= of all PATH records in their order, without its quotes; `=` before what is printed without
///                   (hexadecimal, (null)), or could be taken for such. A name that the tools take as relative, for it
///                   begins with a dot, is below the working directory
/// Both are left out when the tools would skip the event, or not take a text for one, for the way in which a record is
/// printed, or when a text is longer than an index keeps: such an event can be counted by its records only.
/// `repeated`: in the order of records.
void write_record_list(Draft& draft, const std::vector<RepeatedField>& repeated);

}  // namespace acta::audit
