#include "report/audit/aureport.h"

#include <fmt/format.h>
#include <libaudit.h>

#include <algorithm>
#include <utility>

#include "report/json_line.h"

namespace acta::report::audit {
namespace {

constexpr uint32_t kNeedsOfAll = kNeedPid | kNeedSuccess;
constexpr const char* kNothing = "<no events of interest were found>\n\n";

std::string stamp_text(int64_t second, unsigned milli) {
  return fmt::format("{}.{:03}", date_and_time(second), milli);
}

/// Whether --add or --delete leaves the event out: of pairs that add and take away, by the first record.
bool is_left_out(int type, AureportOptions::Change change) {
  constexpr int kAdds[] = {AUDIT_ADD_USER,        AUDIT_ADD_GROUP,        AUDIT_MAC_CIPSOV4_ADD, AUDIT_MAC_MAP_ADD,
                           AUDIT_MAC_IPSEC_ADDSA, AUDIT_MAC_IPSEC_ADDSPD, AUDIT_MAC_UNLBL_STCADD};
  constexpr int kRemoves[] = {AUDIT_DEL_USER,        AUDIT_DEL_GROUP,        AUDIT_MAC_CIPSOV4_DEL, AUDIT_MAC_MAP_DEL,
                              AUDIT_MAC_IPSEC_DELSA, AUDIT_MAC_IPSEC_DELSPD, AUDIT_MAC_UNLBL_STCDEL};
  using enum AureportOptions::Change;
  if (change == any) return false;
  return change == remove ? std::ranges::find(kAdds, type) != std::end(kAdds)
                          : std::ranges::find(kRemoves, type) != std::end(kRemoves);
}

}  // namespace

Aureport::Aureport(const AureportOptions& options, Sink sink)
    : options_(options),
      sink_(std::move(sink)),
      order_(
          options.compat, [this](const AuditEvent& event) { return arrived(event); },
          [this](AuditEvent& event) { shown(event); }, options.end_of_event) {}

void Aureport::title() {
  if (options_.json) return;
  sink_("\n");
  if (!options_.summary) {
    sink_(options_.kind->title);
    return;
  }
  if (options_.success) sink_(*options_.success == Extracted::kFailed ? "Failed " : "Success ");
  sink_(options_.kind->summary_title);
}

void Aureport::add(AuditEvent event) {
  order_.add(std::move(event));
}

// The tool drops records out of the period when it reads them. What it calls the first is of those, or of all when no
// start is given.
bool Aureport::arrived(const AuditEvent& event) {
  const bool wanted = options_.period.has(event.second);
  if (options_.unordered) return wanted;
  if (!first_.set && (!wanted || options_.period.start == 0 || !options_.whole_logs))
    first_ = {event.second, event.milli, true};
  return wanted;
}

bool Aureport::is_wanted(const AuditEvent& event, const Extracted& found) const {
  if (!options_.nodes.empty()) {
    if (!event.has_node || std::ranges::find(options_.nodes, event.node) == options_.nodes.end()) return false;
  }
  if (options_.success && found.success != *options_.success) return false;
  if (options_.no_config && event.type() == AUDIT_CONFIG_CHANGE) return false;
  return !is_left_out(event.type(), options_.change);
}

void Aureport::note_stamps(const Stamp& first, const Stamp& last) {
  if (!first_.set || first.before(first_)) first_ = first;
  if (!last_.set || last_.before(last)) last_ = last;
}

void Aureport::shown(AuditEvent& event) {
  const Stamp stamp{event.second, event.milli, true};
  if (!file_first_.set) file_first_ = stamp;
  if (options_.unordered) {
    note_stamps(stamp, stamp);
    take(event, options_.kind->needs, {.place = {stamp.in_milliseconds(), event.serial}});
  } else {
    last_ = stamp;
    take(event, options_.kind->needs, {.place = {0, ++shown_}});
  }
}

void Aureport::add_group(const AuditEvent& event, const Group& group, uint32_t needs) {
  const auto stamp_of = [](Nanos time) {
    return Stamp{time / kSecond, static_cast<unsigned>(time % kSecond / kMillisecond), true};
  };
  const Stamp first = stamp_of(group.first);
  note_stamps(first, stamp_of(group.last));
  take(event, needs, {.times = group.documents, .place = {first.in_milliseconds(), group.order}, .needs = needs});
}

void Aureport::take(const AuditEvent& event, uint32_t needs, const Counted& counted) {
  Extracted found;
  needs |= kNeedsOfAll | (options_.interpret ? uint32_t{kNeedArch} : 0u);
  if (!extract(event, needs, found) || !is_wanted(event, found)) return;
  // 4.x reads the tail and then looks it up elsewhere.
  const bool by_tail = options_.interpret && options_.compat == Compat::v3;
  const TailWords words = by_tail ? words_of(event) : TailWords();
  const RowContext row{event, found, words, options_.interpret};
  if (options_.summary) {
    count(row, counted);
  } else if (options_.kind->takes(event, found)) {
    print_rows(row);
  }
}

void Aureport::print_rows(const RowContext& row) {
  if (options_.kind->cells == nullptr) {
    std::vector<std::vector<Cell>> rows;
    if (!options_.kind->columns.empty()) access_rows(row, rows);
    for (const auto& cells : rows) print_row(row.event, cells);
    return;
  }
  std::vector<Cell> cells;
  options_.kind->cells(row, cells);
  print_row(row.event, cells);
}

void Aureport::print_row(const AuditEvent& event, const std::vector<Cell>& cells) {
  ++rows_;
  if (options_.json) {
    JsonLine object;
    object.text("report", options_.kind->name).text("host", event.host);
    object.text("time", fmt::format("{}.{:03}", event.second, event.milli));
    std::string_view columns = options_.kind->columns;
    for (const Cell& cell : cells) {
      const std::string_view name = columns.substr(0, columns.find(' '));
      columns.remove_prefix(std::min(columns.size(), name.size() + 1));
      object.text(name, cell.text);
    }
    sink_(object.line());
    return;
  }
  std::string line = fmt::format("{}. {}", rows_, date_and_time(event.second));
  for (const Cell& cell : cells) line.append(" ").append(cell.safe ? escaped(cell.text, options_.escape) : cell.text);
  line += "\n";
  sink_(line);
}

void Aureport::end_of_file(const std::string& name) {
  if (options_.kind->options.empty() || options_.kind->options.front() != "-t") return;
  order_.flush();
  const Stamp first = std::exchange(file_first_, {});
  sink_(first.set ? fmt::format("{}: {} - {}\n", name, stamp_text(first.second, first.milli),
                                stamp_text(last_.second, last_.milli))
                  : fmt::format("{}: no records\n", name));
  ++rows_;
}

int Aureport::finish() {
  order_.flush();
  if (options_.summary) {
    options_.kind->summary == Summary::figures ? print_figures() : print_summary();
    return 0;
  }
  if (rows_ > 0) return 0;
  if (!options_.json) sink_(kNothing);
  return 1;
}

}  // namespace acta::report::audit
