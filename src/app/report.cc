#include "app/report.h"

#include <fmt/format.h>

#include <clocale>

#include "app/classic.h"
#include "app/load.h"
#include "app/version.h"
#include "report/overview.h"
#include "report/reading.h"
#include "report/text_output.h"

namespace acta {
namespace {

using report::ArgumentOption;

struct CommandLine {
  report::CommonOptions common;
  std::string format = "html";
  std::string output{};  ///< empty: standard output
};

std::vector<ArgumentOption> options_of(CommandLine& line) {
  std::vector<ArgumentOption> options{
      report::text_option({"--format"}, "html", "The only one", line.format),
      report::text_option({"-o", "--output"}, "FILE",
                          "Where it goes, readable for its owner only; standard output "
                          "when not given",
                          line.output),
  };
  for (ArgumentOption& option : report::common_options(line.common)) {
    if (option.names.front() != "--by") options.push_back(std::move(option));  // hosts are in the page
  }
  return options;
}

Result<std::string> make_page(const CommandLine& line) {
  PosixFs fs;
  const report::Wanted wanted{.dataset = "actabeat.audit", .also = "actabeat.accounting", .hosts = line.common.hosts};
  auto source = open_source(fs, line.common, wanted);
  if (!source) return tl::unexpected(source.error());
  report::Reading reading(**source, wanted);
  report::Overview overview(line.common.compat == 4 ? report::audit::Compat::v4 : report::audit::Compat::v3);
  report::Document document;
  for (;;) {
    const auto more = reading.next(document);
    if (!more) return tl::unexpected(more.error());
    if (!*more) break;
    overview.add(document);
  }
  const std::string made = report::moment_text(SystemClock().realtime());
  return overview.finish(reading.remarks(), fmt::format("; made by actabeat {} at {}", kVersion, made));
}

Result<> write_page(const CommandLine& line) {
  const auto page = make_page(line);
  if (!page) return tl::unexpected(page.error());
  if (line.output.empty()) {
    report::TextOutput output;
    output.write(*page);
    return output.finish({});
  }
  PosixFs fs;
  return replace_file(fs, line.output, *page);
}

}  // namespace

int run_report(std::vector<std::string> words) {
  CommandLine line;
  const auto options = options_of(line);
  report::Arguments arguments(std::move(words));
  const auto operands = report::read_arguments(arguments, options);
  if (!operands) return print_error(operands.error());
  if (line.common.help) {
    fmt::print("actabeat report all: everything at a glance as one HTML file, over documents.\n\n{}",
               report::help_text(options));
    return 0;
  }
  if (operands->size() != 1 || operands->front() != "all")
    return print_error({Errc::config, 0, "what to report: actabeat report all --from FILE|DIR... -o report.html"});
  if (line.format != "html") return print_error({Errc::config, 0, "--format is html, not '" + line.format + "'"});
  if (auto zone = report::use_zone(line.common); !zone) return print_error(zone.error());
  std::setlocale(LC_NUMERIC, "C");  // numbers between the parts of the page are in JSON
  const auto done = write_page(line);
  return done ? 0 : print_error(done.error());
}

}  // namespace acta
