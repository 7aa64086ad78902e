#include "app/auvirt.h"

#include <algorithm>

#include "app/audit_events.h"
#include "app/classic.h"
#include "app/host_reports.h"
#include "app/load.h"
#include "report/audit/auvirt.h"

namespace acta {
namespace {

using report::ArgumentOption;
using report::audit::AuditEvent;
using report::audit::Auvirt;

struct CommandLine {
  report::CommonOptions common;
  report::audit::AuvirtOptions report;
  report::audit::PeriodWords period;
};

std::vector<ArgumentOption> options_of(CommandLine& line) {
  using report::flag_option;
  using report::text_option;
  std::vector<ArgumentOption> options{
      flag_option({"-a", "--all-events"}, "Stops, resources, refused accesses and anomalies, too",
                  line.report.all_events),
      flag_option({"-s", "--summary"}, "Figures only", line.report.summary),
      flag_option({"--show-uuid"}, "The guest's UUID on each line", line.report.show_uuid),
      flag_option({"--proof"}, "Serials of the events that say it", line.report.proof),
      text_option({"-v", "--vm"}, "NAME", "Only the guest of this name", line.report.guest),
      text_option({"-u", "--uuid"}, "UUID", "Only the guest with this UUID", line.report.uuid),
  };
  for (ArgumentOption& option : report::audit::period_options(line.period)) options.push_back(std::move(option));
  for (ArgumentOption& option : report::common_options(line.common)) options.push_back(std::move(option));
  options.push_back(report::format_option(line.common));
  return options;
}

// 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::ranges::equal(text, kForm, [](char c, char form) {
    return form == '-' ? c == '-' : std::string_view("0123456789abcdefABCDEF").find(c) != std::string_view::npos;
  });
}

Result<> check(CommandLine& line) {
  if (!line.report.uuid.empty() && !is_uuid(line.report.uuid))
    return fail(Errc::config, "--uuid: '" + line.report.uuid + "' is no UUID");
  // The tool takes midnight for a time that is not given, at the end too.
  for (report::audit::MomentWords* words : {&line.period.start, &line.period.end}) {
    if (!words->date.empty() && words->time.empty()) words->time = "00:00:00";
  }
  auto period = report::audit::read_period(line.period, SystemClock().realtime() / kSecond);
  if (!period) return tl::unexpected(period.error());
  line.report.period = *period;
  return {};
}

Result<> list_guests(const CommandLine& line) {
  const auto compat = line.common.compat == 4 ? report::audit::Compat::v4 : report::audit::Compat::v3;
  HostReports<Ordered<Auvirt>> reports(line.common, [&](HostReports<Ordered<Auvirt>>::Write write) {
    return std::make_unique<Ordered<Auvirt>>(compat, Auvirt(line.report, std::move(write)));
  });
  auto remarks = each_audit_event(line.common, line.report.period, [&](AuditEvent event) {
    auto* one = reports.of(event.host);
    if (one != nullptr) one->add(std::move(event));
  });
  if (!remarks) return tl::unexpected(remarks.error());
  return reports.finish(std::move(*remarks));
}

}  // namespace

int run_auvirt(std::vector<std::string> words) {
  CommandLine line;
  const auto options = options_of(line);
  if (const auto ended = begin_command("auvirt", std::move(words), options, line.common)) return *ended;
  line.report.json = line.common.json;
  if (auto checked = check(line); !checked) return print_error(checked.error());
  const auto done = list_guests(line);
  return done ? 0 : print_error(done.error());
}

}  // namespace acta
