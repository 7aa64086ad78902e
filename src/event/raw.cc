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
  RawItem item = slot.head;
  item.bytes = {buffer_.data() + slot.offset, slot.size};
  return item;
}

void RawBatch::clear() {
  used_ = 0;
  slots_.clear();
  losses_.clear();
  end_of_input = false;
}

}  // namespace acta
