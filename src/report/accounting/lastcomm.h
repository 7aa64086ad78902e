#pragma once
#include <string>
#include <vector>

#include "report/accounting/process.h"

namespace acta::report::accounting {

/// What lastcomm(1) takes.
struct LastcommOptions {
  std::vector<std::string> users{}, commands{}, ttys{};
  std::vector<std::string> words{};  ///< each a user, a command or a terminal
  bool strict = false;               ///< all of them have to match, not one
  bool print_controls = false;
  bool paging = false;
  bool pids = false;
  bool by_host = false;  ///< a first column with the host
  bool json = false;
};

/// Whether the process is asked for.
bool is_wanted(const LastcommOptions& options, const Process& process);

/// Its line, with the line end. Times in the zone of the environment.
std::string lastcomm_line(const LastcommOptions& options, const Process& process);

}  // namespace acta::report::accounting
