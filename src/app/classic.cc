#include "app/classic.h"

#include <fmt/format.h>

#include "app/aulast.h"
#include "app/aureport.h"
#include "app/ausearch.h"
#include "app/auvirt.h"
#include "app/lastcomm.h"
#include "app/load.h"
#include "app/report.h"
#include "app/sa.h"
#include "outputs/elasticsearch/index_names.h"
#include "report/elastic_query.h"
#include "report/elastic_totals.h"
#include "report/file_source.h"
#include "report/followed_cluster.h"
#include "report/followed_files.h"

namespace acta {
namespace {

const SystemClock kClock;

/// The cluster of the configuration's output.elasticsearch.
Result<std::unique_ptr<report::Source>> open_cluster(Fs& fs, const report::CommonOptions& options,
                                                     const report::Wanted& wanted) {
  ConfigOptions where;
  if (!options.config_file.empty()) where.file = options.config_file;
  where.overrides = options.overrides;
  const auto config = load(where);
  if (!config) return tl::unexpected(config.error());
  for (const OutputConfig& output : config->outputs) {
    if (output.type != "elasticsearch") continue;
    auto settings = elastic_settings(output.settings);
    if (!settings)
      return fail(Errc::config, fmt::format("{}: output.elasticsearch.{}", output.where, settings.error().what));
    const auto patterns = index_patterns(output.settings);
    auto point =
        report::ElasticPoint::open(*std::move(settings), fmt::format("{}", fmt::join(patterns, ",")), kClock, fs);
    if (!point) return tl::unexpected(point.error());
    if (!wanted.totals.questions.empty()) return report::ElasticTotals::open(*std::move(point), wanted);
    return std::make_unique<report::ElasticSource>(*std::move(point), report::elastic_query(wanted, report::Part::all));
  }
  return fail(Errc::config, where.file + ": --from elasticsearch reads from output.elasticsearch, and there is none");
}

}  // namespace

const std::vector<ClassicCommand>& classic_commands() {
  static const std::vector<ClassicCommand> kCommands{
      {"aureport", "Reports of aureport(8) over documents", run_aureport},
      {"ausearch", "Searches of ausearch(8) over documents", run_ausearch},
      {"aulast", "Logins and starts of the system, as aulast(8)", run_aulast},
      {"auvirt", "Virtual machines, as auvirt(8)", run_auvirt},
      {"lastcomm", "Processes that ended, as lastcomm(1)", run_lastcomm},
      {"report", "Everything at a glance, as one HTML file", run_report},
      {"sa", "Sums of process accounting, as sa(8)", run_sa},
  };
  return kCommands;
}

std::optional<int> begin_command(const char* name, std::vector<std::string> words,
                                 const std::vector<report::ArgumentOption>& options,
                                 const report::CommonOptions& common) {
  report::Arguments arguments(std::move(words));
  const auto operands = report::read_arguments(arguments, options);
  if (!operands) return print_error(operands.error());
  if (common.help) {
    fmt::print("actabeat {0}: {0}(8) over documents.\n\n{1}", name, report::help_text(options));
    return 0;
  }
  if (!operands->empty())
    return print_error({Errc::config, 0, std::string(name) + " takes no '" + operands->front() + "'"});
  if (auto zone = report::use_zone(common); !zone) return print_error(zone.error());
  return std::nullopt;
}

Result<std::unique_ptr<report::Source>> open_source(Fs& fs, const report::CommonOptions& options,
                                                    report::Wanted wanted) {
  wanted.hosts = options.hosts;
  if (options.from_elasticsearch && options.follow) {
    const auto open = [&fs, options](const report::Wanted& asked) { return open_cluster(fs, options, asked); };
    return std::make_unique<report::FollowedCluster>(wanted, open, kClock);
  }
  if (options.from_elasticsearch) return open_cluster(fs, options, wanted);
  if (options.from.empty())
    return fail(Errc::config, "say where the documents are: --from FILE|DIR..., or --from elasticsearch");
  if (options.follow) return report::FollowedFiles::open(fs, options.from);
  return report::FileSource::open(fs, options.from);
}

}  // namespace acta
