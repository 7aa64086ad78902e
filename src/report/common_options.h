#pragma once
#include <string>
#include <vector>

#include "report/arguments.h"

namespace acta::report {

/// What all the classic commands take beside the options of the tool they stand for.
struct CommonOptions {
  std::vector<std::string> from{};       ///< files and folders; "-" is standard input
  bool from_elasticsearch = false;       ///< --from elasticsearch: the configured cluster
  std::string config_file{};             ///< -c of the agent's own commands; empty: the usual place
  std::vector<std::string> overrides{};  ///< key=value of the configuration
  std::vector<std::string> hosts{};      ///< only these; empty: all
  bool by_host = false;                  ///< a report for each host
  bool json = false;                     ///< --format json
  std::string tz{};                      ///< zone in which times are shown; empty: that of the environment
  bool follow = false;                   ///< --follow, of commands that list: more as it comes
  int compat = 3;                        ///< the rule of audit 3.x or 4.x for what one event is
  bool help = false;
};

/// Their table. `options` must outlive what is returned. --format is not among them where the tool has one of its own
/// (ausearch): format_option() is to be added then.
std::vector<ArgumentOption> common_options(CommonOptions& options);
/// --format text|json.
ArgumentOption format_option(CommonOptions& options);
/// --follow.
ArgumentOption follow_option(CommonOptions& options);

/// Makes --tz, and the locale of the environment for dates, hold for this process. Before anything is read.
Result<> use_zone(const CommonOptions& options);

}  // namespace acta::report
