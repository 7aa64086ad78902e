#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/compressor.h"
#include "base/result.h"

namespace acta {

/// Undoes Compressor in bounded memory: gzip (RFC 1952, several members after each other too) by ISA-L, zstd (several
/// frames too). One thread.
class Decompressor {
 public:
  virtual ~Decompressor() = default;
  /// Appends what the compressed `bytes` hold, as far as it is known yet, to `out`. Errc::corrupt: the stream is
  /// damaged; what was before the damage is in `out`.
  virtual Result<> add(std::string_view bytes, std::string& out) = 0;
  /// Whether what was added so far ends where a stream ends: false after a file that was cut off.
  [[nodiscard]] virtual bool whole() const = 0;

  /// Not for Compression::none.
  static std::unique_ptr<Decompressor> make(Compression kind);
};

/// How a file that begins with these bytes (four at least, fewer only when it has no more) is compressed.
Compression compression_of(std::string_view beginning);

}  // namespace acta
