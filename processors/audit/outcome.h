#pragma once
#include <cstdint>
#include <string_view>

#include "processors/audit/draft.h"

namespace acta::audit {

enum class Outcome : uint8_t { none, success, failure };

/// What success=, res=, result= or seresult= says; none when it is no word for a result.
Outcome read_outcome(std::string_view text);

/// How the event ended: what its primary record says, else the system call, else any record.
Outcome outcome_of(const Draft& draft);

/// Writes event.outcome and auditd.result; nothing when the records do not say.
void write_outcome(Draft& draft);

}  // namespace acta::audit
