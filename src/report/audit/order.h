#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "report/audit/event.h"

namespace acta::report::audit {

/// Puts events into the order in which the audit tools show them.
///
/// The tools read records in the order of the log, and hand out an event when it is complete and none with an earlier
/// stamp is open (2 s of log time, or at once for one that has a single record). Documents come in the order in which
/// events were complete. The kernel numbers events when they log their first record, so that within a window the
/// serials give back the order of the log; auditd's own events (DAEMON_*) count for themselves and keep their place.
///
/// Memory: kWindow events, and those of 2 s. One thread.
class EventOrder {
 public:
  /// So many events are looked at for one whose first record came earlier.
  static constexpr size_t kWindow = 512;
  /// Serials further apart than this are of two boots.
  static constexpr uint64_t kSameBoot = 1u << 20;
  /// `end_of_event_timeout` of auditd.conf(5), seconds.
  static constexpr int64_t kEndOfEvent = 2;
  /// More are not kept: the earliest goes.
  static constexpr size_t kOpenMax = 65'536;

  using Sink = std::function<void(AuditEvent&)>;

  /// `arrived` is called for each event in the order of the log and says whether it is wanted; `shown` for those in
  /// the order of the tools.
  EventOrder(Compat compat, std::function<bool(const AuditEvent&)> arrived, Sink shown, int64_t end_of_event)
      : compat_(compat), arrived_(std::move(arrived)), shown_(std::move(shown)), end_of_event_(end_of_event) {}

  void add(AuditEvent event);
  void flush();

 private:
  /// Stamp, then arrival.
  using Key = std::tuple<int64_t, unsigned, uint64_t, uint64_t>;

  void arrive(AuditEvent event);
  void release();

  const Compat compat_;
  const std::function<bool(const AuditEvent&)> arrived_;
  const Sink shown_;
  const int64_t end_of_event_;
  std::multimap<std::pair<uint64_t, uint64_t>, AuditEvent> window_;  ///< by boot and serial
  uint64_t boot_ = 0;
  uint64_t serial_ = 0;  ///< of the kernel event that was added last
  uint64_t newest_ = 0;  ///< the highest of this boot: auditd's events come after it
  uint64_t arrivals_ = 0;
  std::map<Key, AuditEvent> open_;
  std::map<Key, AuditEvent> complete_;
};

}  // namespace acta::report::audit
