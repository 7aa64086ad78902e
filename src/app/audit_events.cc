#include "app/audit_events.h"

#include <fmt/format.h>

#include "app/classic.h"
#include "report/reading.h"

namespace acta {

using report::audit::AuditEvent;
using report::audit::Compat;

Result<std::vector<std::string>> each_audit_event(const report::CommonOptions& options,
                                                  const report::audit::Period& period,
                                                  const std::function<void(AuditEvent)>& take) {
  PosixFs fs;
  report::Wanted wanted{.dataset = "actabeat.audit", .hosts = options.hosts};
  if (period.start != 0) wanted.from = period.start * kSecond;
  if (period.end != 0) wanted.to = (period.end + 1) * kSecond;
  auto source = open_source(fs, options, wanted);
  if (!source) return tl::unexpected(source.error());
  report::Reading reading(**source, wanted);
  report::Document document;
  std::vector<AuditEvent> events;
  uint64_t without_records = 0;
  for (;;) {
    const auto more = reading.next(document);
    if (!more) return tl::unexpected(more.error());
    if (!*more) break;
    events.clear();
    if (!report::audit::make_events(document, options.compat == 4 ? Compat::v4 : Compat::v3, true, events))
      ++without_records;
    for (AuditEvent& event : events) take(std::move(event));
  }
  std::vector<std::string> remarks = reading.remarks();
  if (without_records > 0)
    remarks.push_back(fmt::format("{} documents have no record with a stamp and are not counted.", without_records));
  return remarks;
}

}  // namespace acta
