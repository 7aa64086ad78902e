#include "processors/processor.h"

namespace acta {
namespace {

/// Drops every event it sees: what it sees is up to its `when`. Dropped events are counted as filtered.
class DropEvent final : public Processor {
 public:
  Verdict process(Event&) override { return Verdict::drop; }
};

Result<std::unique_ptr<Processor>> make(const Settings&) {
  return std::make_unique<DropEvent>();
}

constexpr Component<Processor> kComponent{
    .name = "drop_event", .summary = "Drops the events that fit its `when`.", .options = {}, .make = make};
const Register<Processor> kRegistered(kComponent);

}  // namespace
}  // namespace acta
