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

/// Whether `late`, which was complete after `other`, began before it, as far as serials tell.
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
  const auto place = place_of(event);
  window_.insert(place, std::move(event));
  if (window_.size() <= kWindow) return;
  AuditEvent first = std::move(window_.front());
  window_.pop_front();
  const auto log = logs_.find(first.place.log);
  if (log != logs_.end()) {
    log->second.passed = first.place.offset;
    if (--log->second.events == 0) logs_.erase(log);
  }
  arrive(std::move(first));
}

// At the end, but for what lay before others of its log, or in a log that another one of its host has followed. Hosts
// stay as the documents have them.
EventOrder::Window::iterator EventOrder::place_of(const AuditEvent& event) {
  if (event.place.log == 0) return place_by_serial(event);
  const auto [found, is_new] = logs_.try_emplace(event.place.log);
  LogInWindow& log = found->second;
  if (is_new) {
    log.host = event.host;
    for (auto& [name, other] : logs_) other.followed = other.followed || (&other != &log && other.host == event.host);
  }
  const uint64_t offset = event.place.offset;
  const bool is_last = offset >= log.newest && !log.followed;
  ++log.events;
  log.newest = std::max(log.newest, offset);
  // What is before all that is left of the log comes too late, or the log is told once more.
  const bool is_late = log.passed > offset;
  return is_last || is_new || is_late ? window_.end() : place_in_log(event);
}

EventOrder::Window::iterator EventOrder::place_in_log(const AuditEvent& event) {
  auto behind = window_.end(), behind_in_log = window_.end();
  for (auto place = window_.end(); place != window_.begin();) {
    --place;
    if (place->place.log == event.place.log) {
      if (place->place.offset <= event.place.offset) return behind;
      behind = behind_in_log = place;
    } else if (place->place.log != 0 && place->host == event.host) {
      behind = place;
    }
  }
  return behind_in_log;
}

EventOrder::Window::iterator EventOrder::place_by_serial(const AuditEvent& event) {
  auto place = window_.end();
  if (event.complete_at_once) return place;
  for (size_t i = 0; i < kWindowOfSerials && place != window_.begin(); ++i) {
    if (!began_before(event, *std::prev(place))) break;
    --place;
  }
  return place;
}

void EventOrder::arrive(AuditEvent event) {
  if (!arrived_(event) || join(event)) return;
  const int64_t second = event.second;
  const Key key(second, event.milli, event.serial, take_slot());
  const bool single = is_single_record(event.type(), compat_);
  (single ? complete_ : open_).emplace(key, std::move(event));
  complete_aged(second);
  release();
}

// The part of an event of which an earlier one is still open.
bool EventOrder::join(AuditEvent& part) {
  const auto is_same = [&](const Key& key) {
    return std::tie(std::get<0>(key), std::get<1>(key), std::get<2>(key)) ==
           std::tie(part.second, part.milli, part.serial);
  };
  auto open = open_.lower_bound(Key(part.second, part.milli, part.serial, 0));
  for (; open != open_.end() && is_same(open->first); ++open) {
    AuditEvent& event = open->second;
    if (event.host != part.host || event.has_node != part.has_node || event.node != part.node) continue;
    event.append(std::move(part));
    return true;
  }
  return false;
}

void EventOrder::complete_aged(int64_t second) {
  while (!open_.empty() && std::get<0>(open_.begin()->first) + end_of_event_ <= second) {
    complete_.insert(open_.extract(open_.begin()));
  }
}

// Events of one stamp and serial are shown as they lie in the table of the tools, where a new one takes the first place
// that is free.
size_t EventOrder::take_slot() {
  if (free_slots_.empty()) return slots_++;
  const size_t slot = free_slots_.top();
  free_slots_.pop();
  return slot;
}

void EventOrder::release() {
  while (!complete_.empty()) {
    const bool waits = !open_.empty() && open_.begin()->first < complete_.begin()->first;
    if (waits && open_.size() + complete_.size() <= kOpenMax) return;
    auto node = waits ? open_.extract(open_.begin()) : complete_.extract(complete_.begin());
    free_slots_.push(std::get<3>(node.key()));
    shown_(node.mapped());
  }
}

void EventOrder::flush() {
  for (AuditEvent& event : window_) arrive(std::move(event));
  window_.clear();
  logs_.clear();
  complete_.merge(open_);
  release();
}

}  // namespace acta::report::audit
