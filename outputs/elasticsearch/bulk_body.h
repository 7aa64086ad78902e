#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/compressor.h"
#include "base/result.h"

namespace acta {

/// The body of a bulk request: for each document a line that says what to do, and the document. Compressed on the way,
/// so that only the compressed body is ever whole. One thread; buffers are reused.
class BulkBody {
 public:
  explicit BulkBody(Compression compression) : compression_(compression) {}

  void clear(Compression compression);
  void add(std::string_view index, std::string_view id, std::string_view json);
  /// The body; valid until clear().
  Result<std::string_view> finish();

 private:
  void pass_on(bool last);

  Compression compression_;
  std::unique_ptr<Compressor> compressor_;
  std::string plain_;  // not compressed yet, or all of it
  std::string packed_;
  Result<> result_;
};

}  // namespace acta
