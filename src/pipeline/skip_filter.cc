#include "pipeline/skip_filter.h"

#include <algorithm>

namespace acta {

SkipFilter::SkipFilter(const Cursor& resume) : ranges_(resume.skip) {
  std::sort(ranges_.begin(), ranges_.end(),
            [](const SkipRange& a, const SkipRange& b) { return a.key != b.key ? a.key < b.key : a.begin < b.begin; });
  for (const SkipRange& range : ranges_) last_ = std::max(last_, range.end);
}

bool SkipFilter::find(const RawItem& item, const Decoder& decoder) {
  if (item.begin >= last_) {
    ranges_ = {};
    return false;
  }
  const uint64_t key = decoder.key_of(item);
  auto range =
      std::lower_bound(ranges_.begin(), ranges_.end(), key, [](const SkipRange& r, uint64_t k) { return r.key < k; });
  for (; range != ranges_.end() && range->key == key && range->begin <= item.begin; ++range) {
    if (item.end <= range->end) {
      ++skipped_;
      return true;
    }
  }
  return false;
}

}  // namespace acta
