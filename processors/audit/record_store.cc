#include "processors/audit/record_store.h"

#include <algorithm>
#include <cstring>

namespace acta::audit {

RecordStore::Block* RecordStore::take(size_t size) {
  const bool is_long = size > kBlockBytes;
  Block*& list = is_long ? headers_ : free_;
  Block* block = list;
  if (block != nullptr) {
    list = block->next;
  } else {
    blocks_.push_back(std::make_unique<Block>());
    block = blocks_.back().get();
  }
  if (!block->data) {
    block->size = std::max(size, kBlockBytes);
    block->data = std::make_unique_for_overwrite<char[]>(block->size);
  }
  block->used = 0;
  block->next = nullptr;
  return block;
}

std::string_view RecordStore::copy(Chain& chain, std::string_view bytes) {
  Block* block = chain.first;
  if (block == nullptr || block->size - block->used < bytes.size()) {
    block = take(bytes.size());
    block->next = chain.first;
    chain.first = block;
    chain.bytes += block->size;
    bytes_ += block->size;
  }
  char* to = block->data.get() + block->used;
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  block->used += bytes.size();
  return {to, bytes.size()};
}

void RecordStore::release(Chain& chain) {
  while (Block* block = chain.first) {
    chain.first = block->next;
    const bool is_long = block->size > kBlockBytes;
    if (is_long) block->data.reset();
    Block*& list = is_long ? headers_ : free_;
    block->next = list;
    list = block;
  }
  bytes_ -= chain.bytes;
  chain.bytes = 0;
}

}  // namespace acta::audit
