#pragma once
#include <memory>

#include "base/clock.h"
#include "base/fs.h"
#include "config/option.h"
#include "outputs/output.h"

namespace acta {

/// Makes an Elasticsearch output from its settings: the seam where tests put a file system and a clock of their own.
/// Both must outlive it.
Result<std::unique_ptr<Output>> make_elasticsearch_output(const Settings& settings, Fs& fs, const Clock& clock);

}  // namespace acta
