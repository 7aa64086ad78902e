#pragma once
#include "sys/file_follower.h"

namespace acta {

/// Cuts chunks of an accounting file into records (accounting::cut): an item of kind accounting_record for each, and one marked RawItem::piece for what is
/// no record. Keeps no state.
class AcctFramer final : public Framer {
 public:
  explicit AcctFramer(uint16_t source) : source_(source) {}
  size_t frame(RawBatch& batch, const FileChunk& chunk) override;
  /// Items given so far.
  [[nodiscard]] uint64_t items() const { return items_; }

 private:
  uint16_t source_;
  uint64_t items_ = 0;
};

}  // namespace acta
