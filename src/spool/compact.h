#pragma once
#include <cstdint>
#include <string>

#include "base/fs.h"
#include "base/result.h"
#include "spool/segment.h"

namespace acta::spool {

/// What compact() did.
struct Compacted {
  uint64_t segments_before = 0, segments_after = 0;
  uint64_t bytes_before = 0, bytes_after = 0;
  uint64_t passed = 0;      ///< documents that every output was done with, and that are gone now
  uint64_t left_alone = 0;  ///< damaged segments, which stay as they are
};

/// Takes documents that every output is done with out of the spool, and joins small segments. Takes the lock
/// (Errc::denied names who has it) and recovers first, as an agent does at its start. A crash at any moment leaves
/// every document there. Needs room for one segment.
Result<Compacted> compact(Fs& fs, const SegmentWriter::Options& options, uint64_t segment_bytes);

}  // namespace acta::spool
