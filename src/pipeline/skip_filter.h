#pragma once
#include <cstdint>
#include <vector>

#include "inputs/input.h"
#include "processors/decoder.h"

namespace acta {

/// Keeps records of events that were safe before a restart from being assembled again, or torn: after a resume, the
/// items of one source pass through it before the decoder, until the old read position is behind. One thread
/// (pipeline).
class SkipFilter {
 public:
  SkipFilter() = default;
  explicit SkipFilter(const Cursor& resume);

  /// True when the item belongs to an event that is safe already. Costs nothing once the last range is passed.
  bool skip(const RawItem& item, const Decoder& decoder) { return !ranges_.empty() && find(item, decoder); }
  /// Records skipped since start.
  [[nodiscard]] uint64_t skipped() const { return skipped_; }
  /// True when nothing will be skipped any more.
  [[nodiscard]] bool over() const { return ranges_.empty(); }

 private:
  bool find(const RawItem& item, const Decoder& decoder);

  std::vector<SkipRange> ranges_;  // sorted by key, then begin
  Position last_{};                // end of the range that ends last
  uint64_t skipped_ = 0;
};

}  // namespace acta
