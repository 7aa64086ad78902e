#pragma once
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <tuple>

#include "report/audit/event.h"

namespace acta::report::audit {

/// Puts events into the order in which the audit tools show them.
///
/// The tools read records in the order of the log, and hand out an event when it is complete and none with an earlier
/// stamp is open (2 s of log time, or at once for one that has a single record). Documents come in the order in which
/// events were complete: one that is not complete with its first record may have begun before others. The kernel
/// numbers events when they log their first record, so its place is before those of its window that have a higher
/// serial and no earlier stamp.
///
/// Memory: kWindow events, and those of 2 s. One thread.
class EventOrder {
 public:
  /// So many events are looked at for one whose first record came earlier.
  static constexpr size_t kWindow = 512;
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
  std::list<AuditEvent> window_;  ///< in the order of the log
  uint64_t arrivals_ = 0;
  std::map<Key, AuditEvent> open_;
  std::map<Key, AuditEvent> complete_;
};

}  // namespace acta::report::audit
