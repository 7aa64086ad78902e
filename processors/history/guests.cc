#include "processors/history/guests.h"

#include <algorithm>

namespace acta::history {
namespace {

void finish(const GuestRun& run, int64_t end, std::string_view how, const std::string& serial,
            const Guests::Ended& ended) {
  GuestRun over = run;
  over.end = std::max(end, over.start);
  over.how = how;
  if (!serial.empty()) over.serials.push_back(serial);
  ended(over);
}

}  // namespace

bool Guests::apply(const Step& step, const Ended& ended) {
  switch (step.kind) {
    case Step::Kind::guest_control:
      return step.starts ? start(step, ended) : stop(step, ended);
    case Step::Kind::guest_resource:
      return assign(step, ended);
    case Step::Kind::boot:
      return boot(step, ended);
    case Step::Kind::shutdown:
      return shut_down(step);
    case Step::Kind::login:
    case Step::Kind::logged_in:
    case Step::Kind::logged_out:
    case Step::Kind::auditd_started:
      return false;
  }
  return false;
}

GuestRun* Guests::find(const Step& step) {
  const auto found = std::find_if(open_.begin(), open_.end(),
                                  [&](const GuestRun& run) { return run.uuid == step.uuid && run.node == step.node; });
  return found == open_.end() ? nullptr : &*found;
}

GuestRun& Guests::find_or_add(const Step& step, const Ended& ended) {
  if (GuestRun* known = find(step)) return *known;
  if (open_.size() >= kOpenMax) {
    if (open_.front().started) finish(open_.front(), step.time, "forgotten", {}, ended);
    open_.erase(open_.begin());
  }
  GuestRun& run = open_.emplace_back();
  run.node = step.node;
  run.uuid = step.uuid;
  run.name = step.guest;
  return run;
}

bool Guests::start(const Step& step, const Ended& ended) {
  GuestRun* known = find(step);
  if (known != nullptr && known->id == step.id) return false;  // the same event again
  if (known != nullptr && known->started) {
    if (!step.succeeded) return false;  // it runs on
    finish(*known, step.time, "gone", step.serial, ended);
    known->serials.clear();
    known->down_at = 0;
  }
  GuestRun& run = find_or_add(step, ended);
  run.id = step.id;
  run.name = step.guest;
  run.hypervisor = step.hypervisor;
  run.start = step.time;
  run.pid = step.pid;
  run.uid = step.uid;
  run.user = step.user;
  run.serials = {step.serial};
  run.started = step.succeeded;
  if (run.started) return true;
  finish(run, step.time, "failed", {}, ended);
  open_.erase(open_.begin() + (&run - open_.data()));
  return true;
}

bool Guests::stop(const Step& step, const Ended& ended) {
  const GuestRun* known = find(step);
  if (known == nullptr || !step.succeeded) return false;
  if (known->started) finish(*known, step.time, "stopped", step.serial, ended);
  open_.erase(open_.begin() + (known - open_.data()));
  return true;
}

bool Guests::assign(const Step& step, const Ended& ended) {
  GuestRun& run = find_or_add(step, ended);
  if (run.resources.size() >= kResourcesMax) return true;
  if (std::find(run.resources.begin(), run.resources.end(), step.resource) == run.resources.end())
    run.resources.push_back(step.resource);
  return true;
}

bool Guests::boot(const Step& step, const Ended& ended) {
  for (const GuestRun& run : open_) {
    if (run.node != step.node || !run.started) continue;
    finish(run, run.down_at != 0 ? run.down_at : step.time, run.down_at != 0 ? "down" : "crash", step.serial, ended);
  }
  return std::erase_if(open_, [&](const GuestRun& run) { return run.node == step.node; }) > 0;
}

bool Guests::shut_down(const Step& step) {
  bool changed = false;
  for (GuestRun& run : open_) {
    if (run.node != step.node || run.down_at != 0) continue;
    run.down_at = step.time;
    changed = true;
  }
  return changed;
}

void Guests::write(rapidjson::Writer<rapidjson::StringBuffer>& out) const {
  out.Key("guests");
  write_items(out, open_);
}

bool Guests::read(const rapidjson::Value& guests) {
  return read_items(guests, kOpenMax, open_);
}

}  // namespace acta::history
