#include "app/ausearch.h"

#include <fmt/format.h>

#include "app/classic.h"
#include "app/load.h"
#include "report/audit/ausearch.h"
#include "report/following.h"
#include "report/reading.h"

namespace acta {
namespace {

using report::audit::Ausearch;
using report::audit::SearchOptions;

struct CommandLine {
  report::CommonOptions common;
  SearchOptions search;
};

/// Names are asked for by what prints them or compares them.
bool needs_names(const SearchOptions& search) {
  using enum SearchOptions::Format;
  const auto named = [](const auto& id) { return id && !id->name.empty(); };
  return search.format == interpreted || search.format == csv || search.format == text || named(search.user) ||
         named(search.effective_user) || named(search.login) || named(search.group) || named(search.effective_group);
}

// What is found may be read by another program: what must be said goes to standard error.
int say(const report::Reading& reading, const Ausearch& search, const SearchOptions& options) {
  for (const std::string& line : reading.remarks()) fmt::print(stderr, "actabeat: {}\n", line);
  if (search.rebuilt() > 0)
    fmt::print(stderr, "actabeat: {} events had no event.original (keep_original): their records are made of fields\n",
               search.rebuilt());
  if (search.found() > 0) return 0;
  if (options.format != SearchOptions::Format::raw) fmt::print(stderr, "<no matches>\n");
  return 1;
}

Result<int> search_documents(const CommandLine& line) {
  const SystemClock clock;
  PosixFs fs;
  report::Wanted wanted{.dataset = "actabeat.audit", .hosts = line.common.hosts};
  if (line.search.period.start != 0) wanted.from = line.search.period.start * kSecond;
  if (line.search.period.end != 0) wanted.to = (line.search.period.end + 1) * kSecond;
  auto source = open_source(fs, line.common, wanted);
  if (!source) return tl::unexpected(source.error());
  report::Reading reading(**source, wanted);
  Ausearch search(line.search, [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); });
  report::Document document;
  std::vector<report::audit::AuditEvent> events;
  const bool names = needs_names(line.search);
  report::Following following(line.common.follow, clock, [&search] {
    search.finish();
    std::fflush(stdout);
  });
  while (!search.done()) {
    const auto more = following.next(reading, document);
    if (!more) return tl::unexpected(more.error());
    if (!*more) break;
    events.clear();
    report::audit::make_events(document, line.search.compat, names, events);
    for (report::audit::AuditEvent& event : events) search.add(std::move(event));
  }
  search.finish();
  if (std::fflush(stdout) != 0) return fail_errno("cannot write to standard output", errno);
  return say(reading, search, line.search);
}

}  // namespace

int run_ausearch(std::vector<std::string> words) {
  CommandLine line;
  report::audit::PeriodWords period_words;
  const auto options = report::audit::search_options(line.search, line.common, period_words);
  report::Arguments arguments(std::move(words));
  const auto operands = report::read_arguments(arguments, options);
  if (!operands) return print_error(operands.error());
  if (!operands->empty()) return print_error({Errc::config, 0, "ausearch takes no '" + operands->front() + "'"});
  if (line.common.help) {
    fmt::print("actabeat ausearch: the searches of ausearch(8) over documents.\n\n{}", report::help_text(options));
    return 0;
  }
  if (auto checked = report::audit::check_search(line.search); !checked) return print_error(checked.error());
  if (auto zone = report::use_zone(line.common); !zone) return print_error(zone.error());
  const auto period = report::audit::read_period(period_words, SystemClock().realtime() / kSecond);
  if (!period) return print_error(period.error());
  line.search.period = *period;
  line.search.compat = line.common.compat == 4 ? report::audit::Compat::v4 : report::audit::Compat::v3;
  const auto status = search_documents(line);
  return status ? *status : print_error(status.error());
}

}  // namespace acta
