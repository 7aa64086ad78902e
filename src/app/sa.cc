#include "app/sa.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "app/host_reports.h"
#include "app/load.h"
#include "app/processes.h"
#include "report/accounting/sa.h"

namespace acta {
namespace {

using report::ArgumentOption;
using report::accounting::Sa;
using report::accounting::SaOptions;
using Sort = SaOptions::Sort;

struct CommandLine {
  report::CommonOptions common;
  SaOptions report;
  bool without_summaries = false;  ///< -i: documents have none
};

ArgumentOption sort_option(std::vector<std::string> names, std::string help, SaOptions& options, Sort sort,
                           bool SaOptions::*also = nullptr) {
  return {.names = std::move(names),
          .help = std::move(help),
          .take = [&options, sort, also](report::Arguments&) -> Result<> {
            options.sort = sort;
            if (also != nullptr) options.*also = true;
            return {};
          }};
}

ArgumentOption junk_option(SaOptions& options) {
  ArgumentOption count = report::count_option(
      {"-v", "--threshold"}, "Ask whether commands called so often or less are junk", options.threshold);
  count.value = "N";
  return count;
}

std::vector<ArgumentOption> options_of(CommandLine& line) {
  using report::flag_option;
  SaOptions& report = line.report;
  std::vector<ArgumentOption> options{
      flag_option({"-a", "--list-all-names"}, "All commands, not those called once under ***other", report.all_names),
      sort_option({"-b", "--sort-sys-user-div-calls"}, "Sort by CPU time a call", report, Sort::cpu_per_call),
      flag_option({"-c", "--percentages"}, "Percentages of the totals", report.percentages),
      sort_option({"-d", "--sort-avio"}, "Sort by average disk operations", report, Sort::io_per_call),
      sort_option({"-D", "--sort-tio"}, "Print and sort by total disk operations", report, Sort::io,
                  &SaOptions::total_io),
      flag_option({"-f", "--not-interactive"}, "Ask nothing with -v", report.never_ask),
      flag_option({"-i", "--dont-read-summary-files"}, "As always here: documents have no summary files",
                  line.without_summaries),
      flag_option({"-j", "--print-seconds"}, "Seconds a call, not minutes in all", report.per_call),
      sort_option({"-k", "--sort-cpu-avmem"}, "Sort by average memory", report, Sort::memory_per_call),
      sort_option({"-K", "--sort-ksec"}, "Print and sort by memory over CPU time", report, Sort::storage,
                  &SaOptions::storage),
      flag_option({"-l", "--separate-times"}, "User and system time apart", report.separate_times),
      flag_option({"-m", "--user-summary"}, "Sums of users", report.users),
      flag_option({"-M", "--group-summary"}, "Sums of groups", report.groups),
      sort_option({"-n", "--sort-num-calls"}, "Sort by calls", report, Sort::calls),
      flag_option({"-p", "--show-paging"}, "Page faults, in place of disk and memory", report.paging),
      {.names = {"-P", "--show-paging-avg"},
       .help = "Page faults a call",
       .take = [&report](report::Arguments&) -> Result<> {
         report.paging = report.paging_per_call = true;
         return {};
       }},
      flag_option({"-r", "--reverse-sort"}, "The least first", report.reverse),
      sort_option({"--sort-real-time"}, "Sort by elapsed time", report, Sort::real_time),
      flag_option({"-t", "--print-ratio"}, "Elapsed to CPU time", report.ratio),
      flag_option({"-u", "--print-users"}, "A line for each process, with its user", report.list_processes),
      junk_option(report),
  };
  for (ArgumentOption& option : report::common_options(line.common)) options.push_back(std::move(option));
  options.push_back(report::format_option(line.common));
  return options;
}

Result<> check(const SaOptions& report) {
  if (report.list_processes && (report.users || report.groups))
    return fail(Errc::config, "-u lists processes; it does not go with -m or -M");
  return {};
}

// The tool's own question, on standard output.
bool ask(const std::string& command) {
  fmt::print("Junk `{:>16}'? ", command);
  std::fflush(stdout);
  char answer[64];
  if (std::fgets(answer, sizeof answer, stdin) == nullptr) return false;
  const std::string_view text(answer);
  const size_t word = text.find_first_not_of(" \t");
  return word != std::string_view::npos && (text[word] == 'y' || text[word] == 'Y');
}

Result<> sum_processes(const CommandLine& line) {
  HostReports<Sa> tables(
      line.common, [&](HostReports<Sa>::Write write) { return std::make_unique<Sa>(line.report, std::move(write)); });
  auto remarks = each_process(line.common, [&](const report::accounting::Process& process) {
    Sa* table = tables.of(process.host);
    if (table != nullptr) table->add(process);
  });
  if (!remarks) return tl::unexpected(remarks.error());
  return tables.finish(std::move(*remarks));
}

}  // namespace

int run_sa(std::vector<std::string> words) {
  CommandLine line;
  const auto options = options_of(line);
  report::Arguments arguments(std::move(words));
  const auto operands = report::read_arguments(arguments, options, report::Letters::together);
  if (!operands) return print_error(operands.error());
  if (line.common.help) {
    fmt::print("actabeat sa: sa(8) over documents.\n\n{}", report::help_text(options));
    return 0;
  }
  if (!operands->empty())
    return print_error({Errc::config, 0, "sa takes no file '" + operands->front() + "': name documents with --from"});
  line.report.json = line.common.json;
  line.report.is_junk = ask;
  if (auto checked = check(line.report); !checked) return print_error(checked.error());
  if (auto zone = use_zone_of(line.common); !zone) return print_error(zone.error());
  const auto done = sum_processes(line);
  return done ? 0 : print_error(done.error());
}

}  // namespace acta
