#pragma once
#include <string_view>

#include "event/event.h"
#include "event/raw.h"
#include "sys/services.h"

namespace acta::audit {

/// Writes the document of a line that is no audit record: kind pipeline_error, what is wrong, and the whole text (its
/// bytes in hexadecimal too when they are not UTF-8). The time is that of the reading; the id is of the place and the
/// bytes, so that a second reading gives the same.
void write_unparsable(const Services& services, const RawItem& item, std::string_view what, Nanos read_at, Event& out);

}  // namespace acta::audit
