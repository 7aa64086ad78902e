#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "spool/reader_file.h"

namespace acta::spool {

/// One segment as the queue knows it.
struct SegmentInfo {
  uint64_t first = 0;
  uint64_t bytes = 0;  ///< of the file
  int64_t mtime = 0;   ///< nanoseconds since 1970
};

/// What recovery found (FORMAT.md, "Recovery").
struct Recovered {
  std::vector<SegmentInfo> segments;  ///< in order; none empty
  std::vector<ReaderFile> readers;
  uint64_t end = 0;  ///< the offset to go on with
  uint64_t lost =
      0;  ///< documents that were synced and are damaged, in the last segment; the others are found when they are read
  uint64_t cut_bytes = 0;            ///< of the torn tail
  std::vector<std::string> damaged;  ///< files that were moved or copied to damaged/
};

/// Brings the spool in `directory` into order; the caller holds its lock. Reads the last segment only.
/// Errc::unsupported when something in it was written by a newer version, and then nothing is touched.
Result<Recovered> recover(Fs& fs, const std::string& directory, std::string_view master);

/// Copies [from, end of file) of `directory`/`name` to `directory`/damaged/, under the name and the position.
Result<std::string> keep_damaged(Fs& fs, const std::string& directory, const std::string& name, uint64_t from);

}  // namespace acta::spool
