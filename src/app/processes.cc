#include "app/processes.h"

#include <fmt/format.h>

#include <clocale>
#include <cstdio>

#include "app/classic.h"
#include "report/following.h"
#include "report/reading.h"

namespace acta {

Result<std::vector<std::string>> each_process(const report::CommonOptions& options,
                                              const std::function<void(const report::accounting::Process&)>& take) {
  const SystemClock clock;
  PosixFs fs;
  const report::Wanted wanted{.dataset = "actabeat.accounting", .hosts = options.hosts};
  auto source = open_source(fs, options, wanted);
  if (!source) return tl::unexpected(source.error());
  report::Reading reading(**source, wanted);
  report::Document document;
  report::accounting::Process process;
  uint64_t others = 0;
  report::Following following(options.follow, clock, [] { std::fflush(stdout); });
  for (;;) {
    const auto more = following.next(reading, document);
    if (!more) return tl::unexpected(more.error());
    if (!*more) break;
    if (report::accounting::read_process(document, process)) {
      take(process);
    } else {
      ++others;
    }
  }
  std::vector<std::string> remarks = reading.remarks();
  if (others > 0) remarks.push_back(fmt::format("{} documents are of no accounting record and not counted.", others));
  return remarks;
}

Result<> use_zone_of(const report::CommonOptions& options) {
  const auto zone = report::use_zone(options);
  std::setlocale(LC_ALL, "C");
  return zone;
}

}  // namespace acta
