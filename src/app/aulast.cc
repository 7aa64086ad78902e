#include "app/aulast.h"

#include <memory>

#include "app/audit_events.h"
#include "app/classic.h"
#include "app/host_reports.h"
#include "app/load.h"
#include "base/fs.h"
#include "report/audit/aulast.h"

namespace acta {
namespace {

using report::ArgumentOption;
using report::audit::AuditEvent;
using report::audit::Aulast;

constexpr const char* kExtract = "aulast.log";

struct CommandLine {
  report::CommonOptions common;
  report::audit::AulastOptions report;
  bool extract = false;
};

std::vector<ArgumentOption> options_of(CommandLine& line) {
  using report::flag_option;
  using report::text_option;
  std::vector<ArgumentOption> options{
      flag_option({"--bad"}, "Failed logins", line.report.bad),
      flag_option({"--proof"}, "Serials of the events that say it, and the search for what was done",
                  line.report.proof),
      flag_option({"--extract"}, "Write the records that were used to aulast.log here", line.extract),
      text_option({"--user"}, "NAME", "Logins of this user", line.report.user),
      text_option({"--tty"}, "NAME", "Logins on terminals with this in their name", line.report.terminal),
  };
  for (ArgumentOption& option : report::common_options(line.common)) options.push_back(std::move(option));
  options.push_back(report::format_option(line.common));
  return options;
}

Result<> list_logins(CommandLine& line) {
  PosixFs fs;
  std::unique_ptr<File> extracted;
  Result<> written;
  if (line.extract) {
    auto file = fs.open(kExtract, OpenMode::append);
    if (!file) return tl::unexpected(file.error());
    extracted = std::move(*file);
    if (auto emptied = extracted->truncate(0); !emptied) return emptied;
    line.report.extract = [&](std::string_view record) {
      if (auto done = extracted->append(std::string(record) + "\n"); !done) written = done;
    };
  }
  const auto compat = line.common.compat == 4 ? report::audit::Compat::v4 : report::audit::Compat::v3;
  HostReports<Ordered<Aulast>> reports(line.common, [&](HostReports<Ordered<Aulast>>::Write write) {
    return std::make_unique<Ordered<Aulast>>(compat, Aulast(line.report, std::move(write)));
  });
  auto remarks = each_audit_event(line.common, {}, [&](AuditEvent event) {
    auto* one = reports.of(event.host);
    if (one != nullptr) one->add(std::move(event));
  });
  if (!remarks) return tl::unexpected(remarks.error());
  auto finished = reports.finish(std::move(*remarks));
  return written ? finished : written;
}

}  // namespace

int run_aulast(std::vector<std::string> words) {
  CommandLine line;
  const auto options = options_of(line);
  if (const auto ended = begin_command("aulast", std::move(words), options, line.common)) return *ended;
  line.report.json = line.common.json;
  const auto done = list_logins(line);
  return done ? 0 : print_error(done.error());
}

}  // namespace acta
