#pragma once
#include <functional>
#include <string>
#include <vector>

#include "report/audit/event.h"
#include "report/audit/order.h"
#include "report/audit/period.h"
#include "report/common_options.h"

namespace acta {

/// Hands over the events of all audit documents that are asked for, in the order of the documents. Returns what has to
/// be said before the figures.
Result<std::vector<std::string>> each_audit_event(const report::CommonOptions& options,
                                                  const report::audit::Period& period,
                                                  const std::function<void(report::audit::AuditEvent)>& take);

/// A report over events in the order in which the audit tools show them.
template <class Report>
class Ordered {
 public:
  Ordered(report::audit::Compat compat, Report report)
      : report_(std::move(report)),
        order_(
            compat, [](const report::audit::AuditEvent&) { return true; },
            [this](report::audit::AuditEvent& event) { report_.add(event); }, report::audit::EventOrder::kEndOfEvent) {}

  void add(report::audit::AuditEvent event) { order_.add(std::move(event)); }
  void finish() {
    order_.flush();
    report_.finish();
  }

 private:
  Report report_;
  report::audit::EventOrder order_;
};

}  // namespace acta
