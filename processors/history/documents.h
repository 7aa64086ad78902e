#pragma once
#include "event/event.h"
#include "processors/history/guests.h"
#include "processors/history/logins.h"

namespace acta::history {

/// Write the document of a login, boot or run of a guest that is over (datasets actabeat.session and
/// actabeat.machine). `cause`: the event that ended it, whose host and time of reading the document has. The id follows
/// from the event that began it: one document for each, however often it is made.
void write_login(const Login& login, const Event& cause, Event& out);
void write_guest(const GuestRun& run, const Event& cause, Event& out);

}  // namespace acta::history
