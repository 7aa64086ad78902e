#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/decompressor.h"
#include "base/fs.h"

namespace acta::report {

/// The lines of a file, plain or compressed (told by its first bytes), in bounded memory. One thread.
class LineReader {
 public:
  /// A longer line is cut into pieces of this size: no document is that long.
  static constexpr size_t kLineBytesMax = 16u << 20;

  LineReader(std::unique_ptr<File> file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  /// The next line, without its end and with a zero byte behind it, to be changed at will until the next call; one
  /// without data() at the end of the file. Errc::corrupt where compressed bytes are damaged or cut off: what was
  /// readable before was given.
  Result<std::span<char>> next();
  /// The file may grow: a line without its end is not given yet, and after the end next() may be called again for more.
  /// Not of a compressed file, which is whole when it is there.
  void grows() { growing_ = true; }
  /// Where the line given last begins, in bytes of the file as it was before compression.
  [[nodiscard]] uint64_t offset() const { return line_offset_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool compressed() const { return decompressor_ != nullptr; }

 private:
  Result<> fill();

  std::unique_ptr<File> file_;
  std::string name_;
  std::unique_ptr<Decompressor> decompressor_;
  std::string chunk_;   ///< as read
  std::string buffer_;  ///< lines not given yet, from begin_ on
  size_t begin_ = 0;
  size_t searched_ = 0;  ///< no line end before this
  uint64_t read_ = 0;    ///< bytes of the file
  uint64_t offset_ = 0;  ///< of buffer_[begin_]
  uint64_t line_offset_ = 0;
  bool ended_ = false;
  bool growing_ = false;
  std::string damage_;  ///< told once what was before it is given
};

}  // namespace acta::report
