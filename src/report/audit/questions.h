#pragma once
#include <cstdint>
#include <vector>

#include "report/audit/aureport.h"
#include "report/totals.h"

namespace acta::report::audit {

/// A summary of aureport(8) as questions for totals.
struct SummaryQuestions {
  Totals totals{};
  std::vector<uint32_t> needs{};  ///< Need: what the answers to each question tell
};

/// The questions whose answers make the summary: one, for the main summary one for each of its figures, so that the
/// groups of one figure are not told apart by another. None for a report that is of rows.
SummaryQuestions questions_of(const AureportOptions& options);

/// Makes of a group of documents, with the fields of a question whose answers tell `needs`, the events that each of its
/// documents would make: one, or with 3.x and LOGIN two. They have the records of those, but of their fields only what
/// `needs` looks at. False for a group without records.
bool make_group_events(const Document& document, const Group& group, uint32_t needs, Compat compat,
                       std::vector<AuditEvent>& events);

}  // namespace acta::report::audit
