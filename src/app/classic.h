#pragma once
#include <memory>
#include <optional>
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

/// The common beginning of a command of manual section 8 that takes no operands: reads its words into what `options`
/// point to, prints the help, sets the time zone. The exit status when that was all, or when an error was printed.
std::optional<int> begin_command(const char* name, std::vector<std::string> words,
                                 const std::vector<report::ArgumentOption>& options,
                                 const report::CommonOptions& common);

/// The documents that --from names. Fails when it names none. Of a cluster only those travel that are `wanted` (without
/// a dataset: of all), of the hosts that `options` name.
Result<std::unique_ptr<report::Source>> open_source(Fs& fs, const report::CommonOptions& options,
                                                    report::Wanted wanted = {});

}  // namespace acta
