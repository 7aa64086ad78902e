#include "app/lastcomm.h"

#include <fmt/format.h>

#include "app/load.h"
#include "app/processes.h"
#include "report/accounting/lastcomm.h"
#include "report/json_line.h"
#include "report/reversed_lines.h"
#include "report/text_output.h"

namespace acta {
namespace {

using report::ArgumentOption;
using report::accounting::LastcommOptions;

struct CommandLine {
  report::CommonOptions common;
  LastcommOptions report;
  bool forwards = false;
};

ArgumentOption list_option(const char* name, const char* help, std::vector<std::string>& list) {
  return {.names = {name}, .value = "NAME", .help = help, .take = [name, &list](report::Arguments& words) -> Result<> {
            auto value = words.value(name);
            if (!value) return tl::unexpected(value.error());
            list.push_back(std::move(*value));
            return {};
          }};
}

std::vector<ArgumentOption> options_of(CommandLine& line) {
  LastcommOptions& report = line.report;
  std::vector<ArgumentOption> options{
      list_option("--user", "Processes of this user", report.users),
      list_option("--command", "Processes of this name", report.commands),
      list_option("--tty", "Processes on this terminal", report.ttys),
      report::flag_option({"--strict-match"}, "Only what matches all that is asked for, not one of it", report.strict),
      report::flag_option({"--print-controls"}, "Print control characters of names as they are", report.print_controls),
      report::flag_option({"--forwards"}, "The oldest first", line.forwards),
      report::flag_option({"--pid"}, "Numbers of the process and its parent, too", report.pids),
      report::flag_option({"-p", "--show-paging"}, "Page faults, in place of user and terminal", report.paging),
  };
  for (ArgumentOption& option : report::common_options(line.common)) options.push_back(std::move(option));
  options.push_back(report::format_option(line.common));
  options.push_back(report::follow_option(line.common));
  return options;
}

Result<> check(const LastcommOptions& report) {
  if (!report.strict || (report.users.size() < 2 && report.commands.size() < 2 && report.ttys.size() < 2)) return {};
  return fail(Errc::config, "--strict-match takes one --user, one --command and one --tty: no process matches two");
}

Result<> list_processes(const CommandLine& line) {
  report::TextOutput output;
  report::ReversedLines reversed;
  const auto remarks = each_process(line.common, [&](const report::accounting::Process& process) {
    if (!report::accounting::is_wanted(line.report, process)) return;
    const std::string text = report::accounting::lastcomm_line(line.report, process);
    if (line.common.follow) {
      std::fwrite(text.data(), 1, text.size(), stdout);
    } else if (line.forwards) {
      output.write(text);
    } else {
      reversed.add(text);
    }
  });
  if (!remarks) return tl::unexpected(remarks.error());
  if (auto given = reversed.each([&](std::string_view text) { output.write(text); }); !given) return given;
  return output.finish(line.common.json ? report::json_remarks(*remarks) : *remarks);
}

}  // namespace

int run_lastcomm(std::vector<std::string> words) {
  CommandLine line;
  const auto options = options_of(line);
  report::Arguments arguments(std::move(words));
  auto operands = report::read_arguments(arguments, options, report::Letters::together);
  if (!operands) return print_error(operands.error());
  if (line.common.help) {
    fmt::print(
        "actabeat lastcomm [NAME]...: lastcomm(1) over documents. A NAME is a user, a command or a terminal.\n\n{}",
        report::help_text(options));
    return 0;
  }
  line.report.words = std::move(*operands);
  line.report.by_host = line.common.by_host;
  line.report.json = line.common.json;
  if (auto checked = check(line.report); !checked) return print_error(checked.error());
  if (auto zone = use_zone_of(line.common); !zone) return print_error(zone.error());
  const auto done = list_processes(line);
  return done ? 0 : print_error(done.error());
}

}  // namespace acta
