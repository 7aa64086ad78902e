#include "processors/audit/normalizer.h"

#include "processors/audit/classify.h"
#include "processors/audit/completeness.h"
#include "processors/audit/identity.h"
#include "processors/audit/outcome.h"
#include "processors/audit/process_fields.h"
#include "processors/audit/record_list.h"
#include "processors/audit/subject_fields.h"
#include "processors/audit/summary.h"

namespace acta::audit {

Normalizer::Normalizer(const Services& services, const NormalizerOptions& options)
    : services_(services),
      options_(options),
      fields_(interpreter_),
      raw_(interpreter_, names_),
      header_(services),
      arguments_(options.args_bytes_max),
      file_(names_) {}

// node= can be the host name or its fully qualified form, on either side: "web1" and "web1.example" are one host,
// "web1.a" and "web1.b" are not.
bool Normalizer::is_own(std::string_view node) const {
  const std::string_view own = services_.host_name;
  if (node.empty() || node == own) return true;
  const std::string_view longer = node.size() > own.size() ? node : own;
  const std::string_view shorter = node.size() > own.size() ? own : node;
  return !shorter.empty() && longer.size() > shorter.size() && longer.starts_with(shorter) &&
         longer[shorter.size()] == '.' && shorter.find('.') == std::string_view::npos;
}

// Says what the event misses; true when it misses something.
bool Normalizer::write_missing(const AssembledEvent& event, Event& out) {
  if (event.closed == Closed::late) return false;
  const auto missing = missing_records(event);
  for (const std::string& what : missing) out.add(FieldId::kActabeatMissing, what);
  const bool incomplete = !missing.empty() || event.closed == Closed::full;
  if (incomplete) out.set(FieldId::kActabeatIncomplete, true);
  return incomplete;
}

bool Normalizer::normalize(const AssembledEvent& event, Event& out, FieldObserver* observer) {
  out.clear();
  fields_.read(event, out.arena());
  if (fields_.size() == 0) return false;
  const bool own = is_own(event.key.node);
  if (services_.parts != nullptr)
    out.set_constant(own ? services_.parts->own() : services_.parts->of_node(event.key.node));
  names_.begin(own ? services_.users : services_.foreign_users, out.arena());

  Draft draft;
  draft.event = &event;
  draft.fields = &fields_;
  draft.out = &out;
  classify(draft);
  raw_.write(draft, options_.args_bytes_max, observer);
  const bool incomplete = write_missing(event, out);
  // Of an event in several documents each one alone says too little.
  if (!incomplete && event.closed != Closed::late) write_record_list(draft, raw_.repeated());
  header_.write(draft, incomplete);
  write_process(draft);
  arguments_.write(draft);
  write_identities(draft, names_);
  file_.write(draft);
  network_.write(draft);
  write_event_kind(draft, file_.change());
  write_outcome(draft);
  write_subject(draft);
  write_summary(
      draft, names_,
      {.path = file_.path(), .file_type = file_.type(), .address = network_.address(), .port = network_.port()});
  return true;
}

}  // namespace acta::audit
