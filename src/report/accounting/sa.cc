#include "report/accounting/sa.h"

#include <algorithm>
#include <utility>

#include "report/accounting/sa_line.h"
#include "report/json_line.h"
#include "report/print.h"

namespace acta::report::accounting {
namespace {

constexpr double kPageKilobytes = 4;  // the tool divides kB by them, and heads the column "k"

Sums sums_of(const Process& process) {
  return {.calls = 1,
          .user = process.user_ticks / process.ahz,
          .system = process.system_ticks / process.ahz,
          .elapsed = process.elapsed_ticks / process.ahz,
          .io = process.io / process.ahz,
          .memory = process.memory_kb / kPageKilobytes,
          .minor_faults = process.minor_faults,
          .major_faults = process.major_faults,
          .swaps = process.swaps};
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

Sa::Sa(const SaOptions& options, Write write)
    : options_(options),
      write_(std::move(write)),
      table_(options.users || options.groups ? NameTable::Kind::names : NameTable::Kind::commands) {}

void Sa::add(const Process& process) {
  const Sums sums = sums_of(process);
  if (options_.list_processes) return print_process(process, sums);
  if (options_.users || options_.groups) {
    table_.find_or_add(options_.groups ? process.group : process.user, false).add(sums);
  } else {
    table_.find_or_add(process.command, (process.flags & Process::kForked) != 0).add(sums);
  }
  total_.add(sums);
}

void Sa::print_process(const Process& process, const Sums& sums) {
  const bool forked = (process.flags & Process::kForked) != 0;
  if (options_.json) {
    JsonLine line;
    line.text("host", process.host).text("user", process.user).text("command", process.command);
    line.decimal("cpu_seconds", print("%.2f", sums.cpu())).decimal("k", print("%.0f", sums.memory));
    line.decimal("io", print("%.0f", sums.io)).flag("forked", forked);
    return write_(line.line());
  }
  write_(print("%-8.8s %6.2f cpu %8.0fk mem %6.0f io %-16.16s%s\n", process.user.c_str(), sums.cpu(), sums.memory,
               sums.io, process.command.c_str(), forked ? "*" : ""));
}

// With the commands that were called once under ***other, and the junk under **junk**.
std::vector<Sa::Row> Sa::command_rows() {
  std::vector<Row> rows;
  SumKey other{.name = "***other"}, junk{.name = "**junk**"};
  for (const NameTable::Entry* entry : table_.entries()) {
    const auto is_junk = [&] {
      if (options_.threshold == 0 || entry->sums.calls > options_.threshold) return false;
      return options_.never_ask || (options_.is_junk && options_.is_junk(entry->key.name));
    };
    if (!options_.all_names && is_junk()) {
      junk_.add(entry->sums);
      junk.forked = junk.forked || entry->key.forked;
    } else if (!options_.all_names && (entry->sums.calls == 1 || !is_printable(entry->key.name))) {
      other_.add(entry->sums);
      other.forked = other.forked || entry->key.forked;
    } else {
      rows.push_back({entry->key, &entry->sums});
    }
  }
  if (rows.empty()) return rows;  // the tool prints nothing then, not even the total
  if (junk_.calls > 0) rows.insert(rows.begin(), {junk, &junk_});
  if (other_.calls > 0) rows.insert(rows.begin(), {other, &other_});
  return rows;
}

void Sa::finish() {
  if (options_.list_processes || total_.calls == 0) return;
  std::vector<Row> rows;
  if (options_.users || options_.groups) {
    for (const NameTable::Entry* entry : table_.entries()) rows.push_back({entry->key, &entry->sums});
  } else {
    rows = command_rows();
    if (rows.empty()) return;
  }
  std::ranges::stable_sort(rows, [&](const Row& a, const Row& b) { return sa_before(options_, *a.sums, *b.sums); });
  print_row({.key = {}, .sums = &total_}, true);
  for (const Row& row : rows) print_row(row, false);
}

void Sa::print_row(const Row& row, bool total) {
  if (options_.json) return print_json(row, total);
  const std::string columns = sa_columns(options_, *row.sums, total_);
  if (options_.users || options_.groups) {
    write_(print("%-32.32s ", row.key.name.c_str()) + columns + "\n");
  } else {
    write_(columns + (row.key.name.empty() ? "" : "   " + row.key.name + (row.key.forked ? "*" : "")) + "\n");
  }
}

void Sa::print_json(const Row& row, bool total) {
  const Sums& sums = *row.sums;
  const char* what = options_.groups ? "group" : options_.users ? "user" : "command";
  JsonLine line;
  line.text(total ? "total" : what, total ? "" : row.key.name);
  if (!options_.users && !options_.groups && !total) line.flag("forked", row.key.forked);
  line.number("calls", static_cast<int64_t>(sums.calls));
  line.decimal("elapsed_seconds", print("%.2f", sums.elapsed)).decimal("user_seconds", print("%.2f", sums.user));
  line.decimal("system_seconds", print("%.2f", sums.system)).decimal("io", print("%.2f", sums.io));
  line.decimal("k", print("%.0f", sums.per_call(sums.memory)));
  line.number("minor_faults", static_cast<int64_t>(sums.minor_faults));
  line.number("major_faults", static_cast<int64_t>(sums.major_faults));
  write_(line.line());
}

}  // namespace acta::report::accounting
