#pragma once
#include <string_view>

#include "event/event.h"
#include "event/loss.h"
#include "sys/services.h"

namespace acta {

/// Writes the "events lost" document (dataset actabeat.lost): what is gone, how much, from when to when, why, which
/// serials. Its id follows from the loss, the host and the input. `input` is the id of the input, empty for documents
/// of the queue; `now` the real time.
void write_loss(const Services& services, const Loss& loss, std::string_view input, Nanos now, Event& out);

}  // namespace acta
