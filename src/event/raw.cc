#include "event/raw.h"

#include "base/check.h"

namespace acta {

char* RawBatch::room(size_t size) {
  if (buffer_.size() < used_ + size) buffer_.resize(used_ + size);
  return buffer_.data() + used_;
}

size_t RawBatch::keep(size_t size) {
  CHECK(used_ + size <= buffer_.size());
  const size_t offset = used_;
  used_ += size;
  return offset;
}

RawItem RawBatch::operator[](size_t i) const {
  const Slot& slot = slots_[i];
  const RawItem& head = slot.head;
  // Member by member: who reads one that was stored in two parts would wait for both.
  return {.kind = head.kind,
          .piece = head.piece,
          .source = head.source,
          .begin = head.begin,
          .end = head.end,
          .bytes = {buffer_.data() + slot.offset, slot.size},
          .origin = head.origin};
}

void RawBatch::clear() {
  used_ = 0;
  slots_.clear();
  losses_.clear();
  end_of_input = false;
}

}  // namespace acta
