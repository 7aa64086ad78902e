#pragma once
#include "processors/audit/draft.h"

namespace acta::audit {

/// Writes the fields of events that are about a service, a package or a reason: service.* (SERVICE_START …), package.*
/// (SOFTWARE_UPDATE), event.reason (the signal of ANOM_ABEND and SECCOMP, reason= of the record).
void write_subject(Draft& draft);

}  // namespace acta::audit
