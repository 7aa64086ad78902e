#pragma once
#include <cstddef>
#include <string>

#include "base/result.h"

namespace acta {

/// Asks on the terminal (/dev/tty) and reads one line that is not shown. Errc::unsupported where there is no terminal,
/// Errc::closed after Ctrl-C or Ctrl-D. Main thread.
Result<std::string> ask_for_secret(const std::string& question);

/// All of standard input, without a newline at its end. Errc::config when it is longer than `bytes_max`.
Result<std::string> read_secret_from_stdin(size_t bytes_max);

}  // namespace acta
