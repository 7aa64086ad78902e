#pragma once
#include <string>

namespace acta::test {

/// What a command line of the shell came to.
struct Ran {
  int status = -1;     ///< exit status; -1 when a signal ended it
  std::string output;  ///< standard output, then what 2>&1 joins to it
};

/// Runs a command line of sh(1).
Ran run_shell(const std::string& command);

/// Runs the built actabeat with these arguments, as a shell reads them.
Ran run_actabeat(const std::string& arguments);

}  // namespace acta::test
