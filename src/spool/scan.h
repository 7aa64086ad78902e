#pragma once
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "spool/segment.h"

namespace acta::spool {

/// Offsets [from, to).
struct Range {
  uint64_t from = 0;
  uint64_t to = 0;
  [[nodiscard]] uint64_t size() const { return to - from; }
};

/// The good frames of a segment, in the order of the file. What lies between them is damaged.
struct Scan {
  struct Good {
    uint64_t at, after;   ///< in the file
    uint64_t first, end;  ///< offsets
  };
  std::vector<Good> frames;
  uint64_t synced = 0;  ///< the highest synced offset that the segment's header or a good frame says
  uint64_t bytes = 0;   ///< of the file
};

/// Reads all of a segment and checks each frame's CRC; with `open_payloads` also that its documents can be read.
Result<Scan> scan_segment(SegmentReader& segment, bool open_payloads = false);

/// Where a log ends that was scanned segment by segment, and what of it is lost (FORMAT.md, "Recovery").
struct Ending {
  uint64_t offset = 0;          ///< of the next document
  size_t segment = 0;           ///< index of the last segment that stays
  uint64_t keep = 0;            ///< bytes of it that stay
  std::vector<Range> lost{};    ///< promised and not there
  std::vector<bool> damaged{};  ///< for each segment
};

/// The segments' first offsets ascend; `synced` is the highest synced offset that anything vouches for. `begin`: where
/// the first reader goes on, when all segments are there; before the first segment it means that some are missing.
Ending find_ending(const std::vector<uint64_t>& firsts, const std::vector<Scan>& scans, uint64_t synced,
                   uint64_t begin = UINT64_MAX);

}  // namespace acta::spool
