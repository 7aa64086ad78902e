#include "report/audit/order.h"

#include <libaudit.h>

#include <algorithm>

namespace acta::report::audit {
namespace {

bool is_of_daemon(int type) {
  return type >= AUDIT_DAEMON_START && type < AUDIT_SYSCALL;
}

}  // namespace

void EventOrder::add(AuditEvent event) {
  if (!is_of_daemon(event.type())) {
    const uint64_t apart = event.serial > serial_ ? event.serial - serial_ : serial_ - event.serial;
    const bool same_boot = serial_ == 0 || apart <= kSameBoot;
    if (!same_boot) ++boot_;
    serial_ = event.serial;
    newest_ = same_boot ? std::max(newest_, serial_) : serial_;
  }
  const uint64_t place = is_of_daemon(event.type()) ? newest_ : event.serial;
  window_.emplace(std::pair(boot_, place), std::move(event));
  if (window_.size() > kWindow) arrive(std::move(window_.extract(window_.begin()).mapped()));
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
  while (!window_.empty()) arrive(std::move(window_.extract(window_.begin()).mapped()));
  complete_.merge(open_);
  release();
}

}  // namespace acta::report::audit
