#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/fs.h"
#include "report/common_options.h"
#include "report/reading.h"
#include "report/source.h"

namespace acta {

/// A command that stands for a tool of audit or of process accounting, with that tool's own options.
struct ClassicCommand {
  const char* name;
  const char* help;
  int (*run)(std::vector<std::string> words);  ///< the words after the command's name; returns the exit status
};

/// All of them, in the order in which the help names them.
const std::vector<ClassicCommand>& classic_commands();

/// The documents that --from names. Fails when it names none. Of a cluster only those travel that are `wanted` (without
/// a dataset: of all), of the hosts that `options` name.
Result<std::unique_ptr<report::Source>> open_source(Fs& fs, const report::CommonOptions& options,
                                                    report::Wanted wanted = {});

}  // namespace acta
