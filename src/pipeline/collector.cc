#include "pipeline/collector.h"

#include <poll.h>

#include <algorithm>

#include "base/log.h"

namespace acta {
namespace {
constexpr Nanos kRetryAfterFailure = kSecond;
}

Collector::Collector(std::vector<Input*> inputs, Channel& channel, const Clock& clock)
    : channel_(channel), clock_(clock) {
  for (Input* input : inputs) slots_.push_back({.input = input});
}

bool Collector::pull(Slot& slot) {
  RawBatch batch = channel_.fresh();
  batch.read_at = clock_.realtime();
  const Result<Pull> pulled = slot.input->pull(batch);
  batch.end_of_input = !pulled || *pulled != Pull::more;
  const bool some = !batch.empty();
  if (some) {
    channel_.push(std::move(batch));
  } else {
    channel_.recycle(std::move(batch));
  }
  if (!pulled) {
    log::error("collect", pulled.error().what);
    slot.retry_at = clock_.monotonic() + kRetryAfterFailure;
    return false;
  }
  slot.done = *pulled == Pull::done;
  return some || *pulled == Pull::more;
}

void Collector::finish() {
  for (Slot& slot : slots_) {
    slot.done = slot.done || slot.input->can_wait();
    slot.retry_at = 0;
    if (!slot.done) slot.input->finish();
  }
}

bool Collector::step(Nanos wait) {
  const Nanos now = clock_.monotonic();
  bool more = false;
  bool starved = false;
  for (Slot& slot : slots_) {
    if (slot.done || slot.retry_at > now) continue;
    if (!channel_.has_room()) {
      starved = true;
      continue;
    }
    more = pull(slot) || more;
  }
  if (std::all_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.done; })) return false;
  if (more) return true;
  if (starved) {
    channel_.wait_for_room(wait);
  } else {
    channel_.caught_up();
    wait_for_input(wait);
  }
  return true;
}

void Collector::wait_for_input(Nanos wait) {
  std::vector<pollfd> fds;
  for (const Slot& slot : slots_) {
    if (!slot.done && slot.input->poll_fd() >= 0)
      fds.push_back({.fd = slot.input->poll_fd(), .events = POLLIN, .revents = 0});
  }
  ::poll(fds.data(), fds.size(), static_cast<int>(wait / kMillisecond));
}

}  // namespace acta
