#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "spool/reader_file.h"
#include "spool/scan.h"

namespace acta::spool {

/// One segment as the queue knows it.
struct SegmentInfo {
  uint64_t first = 0;
  uint64_t bytes = 0;     ///< of the file
  int64_t mtime = 0;      ///< nanoseconds since 1970
  uint64_t gap_from = 0;  ///< no document has an offset from here to `first`; `first` when there is no such gap
};

/// What recovery found (FORMAT.md, "Recovery").
struct Recovered {
  std::vector<SegmentInfo> segments;  ///< in order
  std::vector<ReaderFile> readers;
  uint64_t log_end = 0;              ///< one past the last document
  uint64_t end = 0;                  ///< the offset to go on with: `log_end`, or that of a reader ahead of it
  std::vector<Range> lost;           ///< promised documents that are not there, as far as was scanned
  uint64_t cut_bytes = 0;            ///< of the end that was never promised
  std::vector<std::string> damaged;  ///< files that were moved or copied to damaged/
};

/// Brings the spool in `directory` into order; the caller holds its lock. Reads the headers of all segments, and what
/// was not synced when the last one was written: its end, as a rule.
/// Errc::unsupported when something in it was written by a newer version, Errc::denied when the key is missing or
/// another; then nothing is touched.
Result<Recovered> recover(Fs& fs, const std::string& directory, std::string_view master);

/// The file `synced`: how far the log is synced, as far as the file system happens to have it. It tells damage of the
/// newest documents from an end that was never promised.
std::string encode_synced(uint64_t offset);
/// 0 when it says nothing.
uint64_t decode_synced(std::string_view content);

}  // namespace acta::spool
