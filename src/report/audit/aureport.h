#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/audit/order.h"
#include "report/audit/period.h"
#include "report/audit/report_table.h"
#include "report/audit/tally.h"
#include "report/source.h"

namespace acta::report::audit {

/// What aureport(8) is asked for.
struct AureportOptions {
  const ReportKind* kind = nullptr;
  bool summary = false;    ///< totals in place of rows
  bool interpret = false;  ///< -i
  bool json = false;
  std::optional<int> success{};  ///< --success (1), --failed (0)
  bool no_config = false;
  enum class Change : uint8_t { any, add, remove } change = Change::any;  ///< --add, --delete
  Escape escape = Escape::tty;
  std::vector<std::string> nodes{};
  Period period{};
  bool unordered = false;  ///< groups of events come, or events in no order: what comes first is told by stamps
  bool whole_logs = true;  ///< events out of the period are given, too: the tool's first stamp is of one of those
  Compat compat = Compat::v3;
  int64_t end_of_event = EventOrder::kEndOfEvent;
};

/// One report over the events of a host, or of all. Text goes to the sink: what comes first by title(), rows as their
/// events are in order, the rest by finish(). One thread.
class Aureport {
 public:
  using Sink = std::function<void(std::string_view)>;

  Aureport(const AureportOptions& options, Sink sink);

  void title();
  void add(AuditEvent event);
  /// Events of a summary that are alike, as far as `needs` (Need) goes: nothing else is told of them.
  void add_group(const AuditEvent& event, const Group& group, uint32_t needs);
  /// The two halves of add(), for several reports over one EventOrder: each event as it arrives, which says whether it
  /// is within the period, and as it is shown.
  bool arrived(const AuditEvent& event);
  void shown(AuditEvent& event);
  /// All documents of a file were given: -t names it.
  void end_of_file(const std::string& name);
  /// Returns the exit status of the tool: 1 when there is no row.
  int finish();
  /// Shows the rows that wait for earlier ones: none is to be expected.
  void settle() { order_.flush(); }

  /// Sentences about figures that are not exact; none when all are.
  [[nodiscard]] std::vector<std::string> remarks() const;

 private:
  struct Stamp {
    int64_t second = 0;
    unsigned milli = 0;
    bool set = false;
    [[nodiscard]] int64_t in_milliseconds() const { return second * 1000 + milli; }
    [[nodiscard]] bool before(const Stamp& other) const {
      return std::pair(second, milli) < std::pair(other.second, other.milli);
    }
  };
  struct Figures {
    uint64_t changes = 0, account_changes = 0, good_logins = 0, bad_logins = 0, good_auth = 0, bad_auth = 0;
    uint64_t access_vectors = 0, mac = 0, failed_syscalls = 0, anomalies = 0, responses = 0, crypto = 0;
    uint64_t integrity = 0, virtual_machines = 0, events = 0;
    Tally users, terminals, hosts, executables, commands, files, keys;
    NumberTally pids;
  };
  /// How an event is counted.
  struct Counted {
    uint64_t times = 1;
    Tally::Place place{};
    uint32_t needs = UINT32_MAX;  ///< Need: what is told of it
  };
  struct Figure {
    std::string_view label;  ///< after "Number of "
    uint64_t value;
  };

  void take(const AuditEvent& event, uint32_t needs, const Counted& counted);
  void note_stamps(const Stamp& first, const Stamp& last);
  [[nodiscard]] bool is_wanted(const AuditEvent& event, const Extracted& found) const;
  void count(const RowContext& row, const Counted& counted);
  void count_texts(const RowContext& row, const Counted& counted);
  void count_outcomes(const RowContext& row, uint64_t times);
  void print_rows(const RowContext& row);
  void print_row(const AuditEvent& event, const std::vector<Cell>& cells);
  void print_figures();
  void print_summary();
  [[nodiscard]] std::vector<Figure> figures() const;
  void print_total(uint64_t hits, std::string_view text);

  const AureportOptions options_;
  const Sink sink_;
  EventOrder order_;
  Stamp first_;  ///< of all that arrived
  Stamp file_first_, last_;
  uint64_t rows_ = 0;
  uint64_t shown_ = 0;
  Figures figures_;
  Tally texts_;
  NumberTally numbers_;
};

}  // namespace acta::report::audit
