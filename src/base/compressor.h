#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace acta {

enum class Compression : uint8_t { none, gzip, zstd };

/// Compresses a stream in bounded memory (below 2 MB): gzip by ISA-L at its level 1, or zstd at level 1. One thread.
class Compressor {
 public:
  virtual ~Compressor() = default;
  /// Appends what `bytes` compress to, as far as it is known yet, to `out`; with `last` the end of the stream.
  virtual Result<> add(std::string_view bytes, bool last, std::string& out) = 0;

  /// Not for Compression::none.
  static std::unique_ptr<Compressor> make(Compression kind);
};

}  // namespace acta
