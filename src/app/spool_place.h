#pragma once
#include <string>

#include "app/options.h"
#include "base/fs.h"
#include "spool/segment.h"
#include "spool/survey.h"

namespace acta {

/// Where a spool is and how it is written.
struct SpoolPlace {
  spool::SegmentWriter::Options writer;  ///< directory, key, compression
  uint64_t segment_bytes = spool::kSegmentBytesMax;
};

/// From --path and --key-file, or the configuration.
Result<SpoolPlace> find_spool(Fs& fs, const SpoolOptions& options);

/// Prints a survey for people or as JSON.
void print_survey(const spool::Survey& survey, bool json);

}  // namespace acta
