#include "app/classic.h"

#include "app/aulast.h"
#include "app/aureport.h"
#include "app/ausearch.h"
#include "app/auvirt.h"
#include "app/lastcomm.h"
#include "app/report.h"
#include "app/sa.h"
#include "report/file_source.h"

namespace acta {

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

Result<std::unique_ptr<report::Source>> open_source(Fs& fs, const report::CommonOptions& options) {
  if (options.from_elasticsearch) return fail(Errc::unsupported, "--from elasticsearch: not for this command");
  if (options.from.empty())
    return fail(Errc::config, "say where the documents are: --from FILE|DIR..., or --from elasticsearch");
  return report::FileSource::open(fs, options.from);
}

}  // namespace acta
