#include "report/audit/order.h"

#include <libaudit.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace acta::report::audit {
namespace {

constexpr uint64_t kSerialsMax = 8192;  // further apart they are of two boots

bool is_of_daemon(int type) {
  return type >= AUDIT_DAEMON_START && type < AUDIT_SYSCALL;
}

/// Whether `late`, which was complete after `other`, began before it.
bool began_before(const AuditEvent& late, const AuditEvent& other) {
  if (late.host != other.host || late.node != other.node) return false;
  // auditd has serials of its own and a finer clock.
  if (is_of_daemon(other.type())) return late.second + 1 < other.second;
  const uint64_t apart = std::max(late.serial, other.serial) - std::min(late.serial, other.serial);
  // The boot is another one: an event without an end is given when 2 s of its log have gone by.
  if (apart > kSerialsMax) return late.second + EventOrder::kEndOfEvent < other.second;
  return late.serial < other.serial && std::pair(late.second, late.milli) <= std::pair(other.second, other.milli);
}

}  // namespace

void EventOrder::add(AuditEvent event) {
  auto place = window_.end();
  if (!event.complete_at_once) {
    while (place != window_.begin() && began_before(event, *std::prev(place))) --place;
  }
  window_.insert(place, std::move(event));
  if (window_.size() <= kWindow) return;
  AuditEvent first = std::move(window_.front());
  window_.pop_front();
  arrive(std::move(first));
}

void EventOrder::arrive(AuditEvent event) {
  if (!arrived_(event)) return;
  const int64_t second = event.second;
  const Key key(second, event.milli, event.serial, ++arrivals_);
  const bool single = is_single_record(event.type(), compat_);
  (single ? complete_ : open_).emplace(key, std::move(event));
  while (!open_.empty() && std::get<0>(open_.begin()->first) + end_of_event_ <= second) {
    complete_.insert(open_.extract(open_.begin()));
  }
  release();
}

void EventOrder::release() {
  while (!complete_.empty()) {
    const bool waits = !open_.empty() && open_.begin()->first < complete_.begin()->first;
    if (waits && open_.size() + complete_.size() <= kOpenMax) return;
    auto node = waits ? open_.extract(open_.begin()) : complete_.extract(complete_.begin());
    shown_(node.mapped());
  }
}

void EventOrder::flush() {
  for (AuditEvent& event : window_) arrive(std::move(event));
  window_.clear();
  complete_.merge(open_);
  release();
}

}  // namespace acta::report::audit
