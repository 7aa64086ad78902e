#pragma once
#include <memory>

#include "base/clock.h"
#include "base/fs.h"
#include "outputs/output.h"

namespace acta {

/// The `file` output on a file system and clocks of the caller's: for tests and simulation. `settings` as by the
/// output's option table.
Result<std::unique_ptr<Output>> make_file_output(const Settings& settings, Fs& fs, const Clock& clock);

}  // namespace acta
