#pragma once
#include "sys/file_follower.h"

namespace acta {

/// Cuts chunks into lines: an item of kind audit_record for each, without its line end (LF, or CR LF). Empty lines make
/// no item. A line longer than kRecordBytesMax is given in pieces of that size (RawItem::piece). Keeps no state: what
/// comes before a chunk is in FileChunk::before.
class LineFramer final : public Framer {
 public:
  explicit LineFramer(uint16_t source) : source_(source) {}
  size_t frame(RawBatch& batch, const FileChunk& chunk) override;

 private:
  void give(RawBatch& batch, const FileChunk& chunk, size_t from, size_t size, size_t end, bool piece);

  uint16_t source_;
};

}  // namespace acta
