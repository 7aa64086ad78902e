#pragma once
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace acta::audit {

/// Bytes of records in blocks of a pool. Views stay where they are until the chain that they belong to is released. A
/// record longer than a block gets one of its own, which is given back to the system.
class RecordStore {
 public:
  static constexpr size_t kBlockBytes = 2048;

  struct Block {
    std::unique_ptr<char[]> data;
    size_t size = 0;
    size_t used = 0;
    Block* next = nullptr;
  };
  /// The blocks of one event, the one being filled first.
  struct Chain {
    Block* first = nullptr;
    size_t bytes = 0;  ///< of the blocks
  };

  RecordStore() = default;
  ~RecordStore() = default;
  RecordStore(const RecordStore&) = delete;
  RecordStore& operator=(const RecordStore&) = delete;

  /// Copies the bytes into the chain.
  std::string_view copy(Chain& chain, std::string_view bytes);
  void release(Chain& chain);

  /// Bytes of the blocks that chains hold.
  [[nodiscard]] size_t bytes() const { return bytes_; }

 private:
  Block* take(size_t size);

  std::vector<std::unique_ptr<Block>> blocks_;  // all of kBlockBytes, and headers of the long ones
  Block* free_ = nullptr;                       // blocks of kBlockBytes
  Block* headers_ = nullptr;                    // blocks without data, for long records
  size_t bytes_ = 0;
};

}  // namespace acta::audit
