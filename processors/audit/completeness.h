#pragma once
#include <string>
#include <vector>

#include "processors/audit/assembler.h"

namespace acta::audit {

/// Records that the event must have had but has not, told by its own counts: "PATH item=1", "EXECVE a2", "EXECVE
/// a5..a9", "EXECVE argc", "SYSCALL", "PROCTITLE". Only what is certain: an event of which nothing is named may still
/// miss what nobody counts. Empty for a late event (it is a part of one by its nature). Cheap for events that miss
/// nothing: no allocation, no splitting of records.
std::vector<std::string> missing_records(const AssembledEvent& event);

}  // namespace acta::audit
