#include "processors/audit/outcome.h"

namespace acta::audit {
namespace {

Outcome outcome_of(const RecordFields& record) {
  for (const Key key : {Key::kRes, Key::kSuccess, Key::kResult}) {
    const FieldSlot* slot = record.find(key);
    const Outcome outcome = slot == nullptr ? Outcome::none : read_outcome(slot->text);
    if (outcome != Outcome::none) return outcome;
  }
  return Outcome::none;
}

Outcome outcome_of_decision(const RecordFields& record) {
  const FieldSlot* slot = record.find(Key::kSeresult);
  return slot == nullptr ? Outcome::none : read_outcome(slot->text);
}

}  // namespace

Outcome read_outcome(std::string_view text) {
  if (text == "yes" || text == "1" || text == "success" || text == "granted" || text == "Success")
    return Outcome::success;
  if (text == "no" || text == "0" || text == "fail" || text == "failed" || text == "failure" || text == "denied" ||
      text == "Failure") {
    return Outcome::failure;
  }
  return Outcome::none;
}

Outcome outcome_of(const Draft& draft) {
  Outcome outcome = outcome_of(draft.primary_record());
  if (outcome == Outcome::none && draft.syscall_record >= 0) outcome = outcome_of(draft.record(draft.syscall_record));
  for (size_t i = 0; outcome == Outcome::none && i < draft.fields->size(); ++i)
    outcome = outcome_of((*draft.fields)[i]);
  for (size_t i = 0; outcome == Outcome::none && i < draft.fields->size(); ++i)
    outcome = outcome_of_decision((*draft.fields)[i]);
  return outcome;
}

void write_outcome(Draft& draft) {
  const Outcome outcome = outcome_of(draft);
  if (outcome == Outcome::none) return;
  const bool success = outcome == Outcome::success;
  draft.out->set_view(FieldId::kEventOutcome, success ? "success" : "failure");
  draft.out->set_view(FieldId::kAuditdResult, success ? "success" : "fail");
}

}  // namespace acta::audit
