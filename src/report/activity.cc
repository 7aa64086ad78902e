#include "report/activity.h"

#include <algorithm>
#include <ctime>

#include "report/html/text.h"

namespace acta::report {

std::string moment_text(Nanos time) {
  const auto second = static_cast<time_t>(time / kSecond);
  tm parts{};
  char text[32];
  if (::localtime_r(&second, &parts) == nullptr) return "?";
  return {text, ::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts)};
}

void Activity::add(What what, Nanos time, std::string_view host) {
  auto found = hosts_.find(host);
  if (found == hosts_.end())
    found = hosts_.emplace(hosts_.size() < kHostsMax ? std::string(host) : "(others)", Host()).first;
  for (Host* each : {&found->second, &all_}) {
    ++each->counts[static_cast<size_t>(what)];
    each->first = std::min(each->first, time);
    each->last = std::max(each->last, time);
  }
  auto& [events, processes] = counts_[time / step_];
  ++(what == What::event ? events : processes);
  while (counts_.rbegin()->first - counts_.begin()->first >= static_cast<int64_t>(kBars)) coarsen();
}

void Activity::coarsen() {
  step_ *= 2;
  std::map<int64_t, std::pair<uint64_t, uint64_t>> coarser;
  for (const auto& [at, counts] : counts_) {
    auto& [events, processes] = coarser[at / 2];
    events += counts.first;
    processes += counts.second;
  }
  counts_.swap(coarser);
}

html::Chart Activity::chart() const {
  html::Chart chart{.title = "Audit events and processes over time"};
  if (counts_.empty()) return chart;
  const int64_t first = counts_.begin()->first;
  const auto size = static_cast<size_t>(counts_.rbegin()->first - first + 1);
  std::vector<uint64_t> events(size), processes(size);
  for (const auto& [at, counts] : counts_) {
    events[static_cast<size_t>(at - first)] = counts.first;
    processes[static_cast<size_t>(at - first)] = counts.second;
  }
  chart.first = moment_text(all_.first);
  chart.last = moment_text(all_.last);
  if (count(What::event) > 0) chart.series.emplace_back("audit events", std::move(events));
  if (count(What::process) > 0) chart.series.emplace_back("processes that ended", std::move(processes));
  return chart;
}

html::Table Activity::hosts() const {
  html::Table table{.columns = {"Host", "Audit events", "Processes", "First", "Last"}, .bars = 1};
  for (const auto& [name, host] : hosts_) {
    table.rows.push_back({name, html::grouped(host.counts[0]), html::grouped(host.counts[1]), moment_text(host.first),
                          moment_text(host.last)});
  }
  return table;
}

std::string Activity::period() const {
  return hosts_.empty() ? "no documents" : moment_text(all_.first) + " to " + moment_text(all_.last);
}

uint64_t Activity::count(What what) const {
  return all_.counts[static_cast<size_t>(what)];
}

}  // namespace acta::report
