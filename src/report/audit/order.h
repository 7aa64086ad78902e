#pragma once
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <queue>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "report/audit/event.h"

namespace acta::report::audit {

/// Puts events together and into order as the audit tools do.
///
/// The tools read records in the order of the log, and hand out an event when it is complete and none with an earlier
/// stamp is open (2 s of log time, or at once for one that has a single record); what comes later for it is another
/// event. Documents come in the order in which events were complete. They say where their records lay, which brings
/// them back into the order of the log. One that does not say it (of the kernel's socket) and is not complete with its
/// first record may have begun before others: the kernel numbers events when they log their first record, so its place
/// is before those of its window that have a higher serial and no earlier stamp.
///
/// Memory: kWindow events, and those of 2 s. One thread.
class EventOrder {
 public:
  /// So many events are looked at for one whose first record came earlier. (When a host stood still, 2,800 were
  /// needed.)
  static constexpr size_t kWindow = 4096;
  /// The same for one that does not say where it lay: further apart, serials say nothing.
  static constexpr size_t kWindowOfSerials = 512;
  /// `end_of_event_timeout` of auditd.conf(5), seconds.
  static constexpr int64_t kEndOfEvent = 2;
  /// More are not kept: the earliest goes.
  static constexpr size_t kOpenMax = 65'536;

  using Sink = std::function<void(AuditEvent&)>;

  /// `arrived` is called for each event, or part of one, in the order of the log and says whether it is wanted; `shown`
  /// for the events in the order of the tools.
  EventOrder(Compat compat, std::function<bool(const AuditEvent&)> arrived, Sink shown, int64_t end_of_event)
      : compat_(compat), arrived_(std::move(arrived)), shown_(std::move(shown)), end_of_event_(end_of_event) {}

  /// An event, or a part of one whose records lay apart.
  void add(AuditEvent event);
  void flush();

 private:
  using Window = std::list<AuditEvent>;
  /// Stamp, then place in the table of the tools.
  using Key = std::tuple<int64_t, unsigned, uint64_t, size_t>;

  /// What the window holds of a log.
  struct LogInWindow {
    std::string host{};
    size_t events = 0;
    uint64_t newest = 0;    ///< the highest offset
    uint64_t passed = 0;    ///< that of the last one that left the window; 0: none did
    bool followed = false;  ///< the host has another log by now
  };

  Window::iterator place_of(const AuditEvent& event);
  Window::iterator place_in_log(const AuditEvent& event);
  Window::iterator place_by_serial(const AuditEvent& event);
  void arrive(AuditEvent event);
  bool join(AuditEvent& part);
  void complete_aged(int64_t second);
  size_t take_slot();
  void release();

  const Compat compat_;
  const std::function<bool(const AuditEvent&)> arrived_;
  const Sink shown_;
  const int64_t end_of_event_;
  Window window_;  ///< in the order of the log
  std::unordered_map<uint64_t, LogInWindow> logs_;
  size_t slots_ = 0;
  std::priority_queue<size_t, std::vector<size_t>, std::greater<>> free_slots_;
  std::map<Key, AuditEvent> open_;
  std::map<Key, AuditEvent> complete_;
};

}  // namespace acta::report::audit
