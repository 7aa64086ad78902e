#include <algorithm>

#include "base/log.h"
#include "processors/field_ref.h"
#include "processors/processor.h"
#include "processors/rewrite.h"

namespace acta {
namespace {

constexpr Option kOptions[] = {
    {.key = "fields",
     .type = Option::Type::list,
     .fallback = "",
     .help = "Fields to drop: a field, a key of auditd.data and its like, or a group such as process.parent.",
     .required = true},
    {.key = "ignore_missing",
     .type = Option::Type::boolean,
     .fallback = "true",
     .help = "False logs a warning for an event that has not got one of the fields."},
};

/// Takes fields away.
class DropFields final : public Processor {
 public:
  struct Target {
    std::string name;
    std::vector<FieldRef> refs;
  };

  DropFields(std::vector<Target> targets, bool ignore_missing)
      : targets_(std::move(targets)), ignore_missing_(ignore_missing) {}

  Verdict process(Event& event) override {
    for (const Target& target : targets_) {
      bool found = false;
      for (const FieldRef& ref : target.refs) {
        if (!ref.in(event)) continue;
        found = true;
        drop(event, ref);
      }
      if (!found && !ignore_missing_) log::warning("drop_fields", "an event has no field " + target.name);
    }
    return Verdict::keep;
  }

 private:
  void drop(Event& event, const FieldRef& ref) {
    if (ref.key.empty()) return event.erase(ref.id);
    std::erase_if(rewrite_.take(event, ref.id), [&](const Event::Entry& entry) { return ref.covers(entry); });
    rewrite_.put_back(event, ref.id);
  }

  std::vector<Target> targets_;
  bool ignore_missing_;
  Rewrite rewrite_;
};

Result<std::unique_ptr<Processor>> make(const Settings& settings) {
  std::vector<DropFields::Target> targets;
  for (const std::string& name : settings.list("fields")) {
    auto refs = resolve_fields(name);
    if (!refs) return tl::unexpected(refs.error());
    std::erase_if(*refs, [](const FieldRef& ref) { return is_essential(ref.id); });
    if (refs->empty()) return fail(Errc::config, "field '" + name + "' cannot be dropped: documents need it");
    targets.push_back({name, *std::move(refs)});
  }
  return std::make_unique<DropFields>(std::move(targets), settings.boolean("ignore_missing"));
}

constexpr Component<Processor> kComponent{
    .name = "drop_fields", .summary = "Drops fields from events.", .options = kOptions, .make = make};
const Register<Processor> kRegistered(kComponent);

}  // namespace
}  // namespace acta
