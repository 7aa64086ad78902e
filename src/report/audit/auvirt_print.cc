#include <array>

#include "report/audit/auvirt.h"
#include "report/json_line.h"
#include "report/print.h"

namespace acta::report::audit {
namespace {

constexpr std::array<const char*, 6> kKinds = {"start", "stop", "2", "avc", "resrc", "anom"};

}  // namespace

void Auvirt::finish() {
  if (options_.summary) return print_summary();
  for (const Row& row : rows_) {
    if (row.kind == Kind::identity || (!options_.all_events && row.kind != Kind::start)) continue;
    options_.json ? print_json(row) : print_row(row);
  }
}

void Auvirt::print_row(const Row& row) {
  std::string line;
  if (options_.all_events) line = print("%-6.5s ", kKinds[static_cast<size_t>(row.kind)]);
  line += print("%-22.22s", row.guest.c_str());
  if (options_.show_uuid) line += print("\t%-36.36s", row.uuid.c_str());
  std::string period = print("%-16.16s", clock_text(row.start).c_str());
  if (row.end != 0) {
    period += print(" - %-7.5s", clock_text(row.end).substr(11).c_str()) + span_text(row.end - row.start);
  } else if (!row.success && row.kind != Kind::access && row.kind != Kind::anomaly) {
    period += " - failed";
  }
  line += print("\t%-11.11s\t%-32.32s", row.user.c_str(), period.c_str());
  if (row.kind == Kind::resource) {
    line += print("\t%-12.12s\t%-10.10s", row.type.c_str(), row.reason.c_str());
    line += row.type == "cgroup" ? "\t" + row.cgroup_class + "\t" + row.cgroup_acl + "\t" + row.cgroup_detail
                                 : "\t" + row.resource;
  } else if (row.kind == Kind::access) {
    line += print("\t%-12.12s\t%-10.10s", row.operation.c_str(), row.outcome.c_str());
    line += "\t" + row.command + "\t" + row.target + "\t" + row.context;
  }
  line += "\n";
  if (options_.proof) {
    line += "    Proof:";
    for (size_t i = 0; i < row.proof.size(); ++i) line += (i == 0 ? "" : ",") + std::to_string(row.proof[i]);
    line += "\n\n";
  }
  write_(line);
}

void Auvirt::print_json(const Row& row) {
  JsonLine line;
  line.text("type", kKinds[static_cast<size_t>(row.kind)]).text("host", row.host).text("guest", row.guest);
  line.text("uuid", row.uuid).text("user", row.user).number("start", row.start);
  if (row.end != 0) line.number("end", row.end);
  line.flag("success", row.success);
  if (row.kind == Kind::resource) {
    line.text("resource_type", row.type).text("reason", row.reason).text("resource", row.resource);
    if (row.type == "cgroup")
      line.text("class", row.cgroup_class).text("acl", row.cgroup_acl).text("detail", row.cgroup_detail);
  }
  if (row.kind == Kind::access)
    line.text("operation", row.operation)
        .text("result", row.outcome)
        .text("command", row.command)
        .text("target", row.target);
  write_(line.line());
}

void Auvirt::print_summary() {
  int64_t first = 0, last = 0, failed = 0;
  std::array<int64_t, kKinds.size()> counts{};
  const auto reach = [&](int64_t second) {
    if (second == 0) return;
    if (first == 0 || second < first) first = second;
    if (last == 0 || second > last) last = second;
  };
  for (const Row& row : rows_) {
    const bool may_fail = row.kind == Kind::start || row.kind == Kind::stop || row.kind == Kind::resource;
    ++(may_fail && !row.success ? failed : counts[static_cast<size_t>(row.kind)]);
    reach(row.start);
    reach(row.end);
  }
  const auto count = [&](Kind kind) { return counts[static_cast<size_t>(kind)]; };
  if (options_.json) {
    JsonLine line;
    line.number("first", first).number("last", last).number("starts", count(Kind::start));
    line.number("stops", count(Kind::stop)).number("resources", count(Kind::resource));
    line.number("avcs", count(Kind::access)).number("anomalies", count(Kind::anomaly)).number("failed", failed);
    return write_(line.line());
  }
  const auto moment = [](int64_t second) { return second == 0 ? std::string("undef") : clock_text(second); };
  write_(print("Range of time for report:       %-.16s - %-.16s\n", moment(first).c_str(), moment(last).c_str()));
  const std::pair<const char*, int64_t> figures[] = {
      {"guest starts:        ", count(Kind::start)},    {"guest stops:         ", count(Kind::stop)},
      {"resource assignments:", count(Kind::resource)}, {"related AVCs:        ", count(Kind::access)},
      {"related anomalies:   ", count(Kind::anomaly)},  {"failed operations:   ", failed}};
  for (const auto& [name, figure] : figures) write_(print("Number of %s %ld\n", name, static_cast<long>(figure)));
}

}  // namespace acta::report::audit
