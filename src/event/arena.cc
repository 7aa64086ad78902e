#include <algorithm>
#include <cstring>

#include "event/event.h"

namespace acta {
namespace {
constexpr size_t kBlockBytes = 16u << 10;
constexpr size_t kBlocksKept = 4;
}  // namespace

void Arena::next_block(size_t size) {
  while (next_ < blocks_.size() && blocks_[next_].size < size) ++next_;
  if (next_ == blocks_.size()) {
    const size_t block_bytes = std::max(size, kBlockBytes);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(block_bytes), block_bytes});
  }
  const Block& block = blocks_[next_++];
  at_ = block.bytes.get();
  end_ = at_ + block.size;
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
  next_ = 0;
  at_ = end_ = nullptr;
}

}  // namespace acta
