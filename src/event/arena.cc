#include <algorithm>
#include <cstring>

#include "event/event.h"

namespace acta {
namespace {
constexpr size_t kBlockBytes = 16u << 10;
constexpr size_t kBlocksKept = 4;
}  // namespace

char* Arena::allocate(size_t size) {
  while (block_ < blocks_.size()) {
    if (blocks_[block_].size - used_ >= size) {
      char* bytes = blocks_[block_].bytes.get() + used_;
      used_ += size;
      return bytes;
    }
    ++block_;
    used_ = 0;
  }
  const size_t block_bytes = std::max(size, kBlockBytes);
  blocks_.push_back({std::make_unique_for_overwrite<char[]>(block_bytes), block_bytes});
  block_ = blocks_.size() - 1;
  used_ = size;
  return blocks_.back().bytes.get();
}

std::string_view Arena::copy(std::string_view bytes) {
  if (bytes.empty()) return {};
  char* to = allocate(bytes.size());
  std::memcpy(to, bytes.data(), bytes.size());
  return {to, bytes.size()};
}

void Arena::clear() {
  if (blocks_.size() > kBlocksKept) blocks_.resize(kBlocksKept);
  std::erase_if(blocks_, [](const Block& block) { return block.size > 4 * kBlockBytes; });
  block_ = 0;
  used_ = 0;
}

}  // namespace acta
