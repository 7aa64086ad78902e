#include "report/line_reader.h"

#include <cstring>
#include <utility>

namespace acta::report {
namespace {

constexpr size_t kReadBytes = 256u << 10;
constexpr size_t kBeginning = 4;  // bytes that tell the compression

}  // namespace

Result<> LineReader::fill() {
  buffer_.erase(0, begin_);
  searched_ -= begin_;
  begin_ = 0;
  const bool first = read_ == 0;
  chunk_.clear();
  do {  // a pipe may give less than the bytes that tell the compression
    const size_t had = chunk_.size();
    chunk_.resize(had + kReadBytes);
    const auto count = file_->read_at(read_, chunk_.data() + had, kReadBytes);
    if (!count) return tl::unexpected(count.error());
    chunk_.resize(had + *count);
    read_ += *count;
    ended_ = *count == 0;
  } while (first && !ended_ && chunk_.size() < kBeginning);
  const Compression kind = first ? compression_of(chunk_) : Compression::none;
  if (kind != Compression::none) decompressor_ = Decompressor::make(kind);
  if (!decompressor_) {
    buffer_.append(chunk_);
    return {};
  }
  if (ended_ && !decompressor_->whole()) damage_ = "the compressed file is cut off";
  if (auto done = decompressor_->add(chunk_, buffer_); !done) {
    ended_ = true;
    damage_ = done.error().what;
  }
  return {};
}

Result<std::span<char>> LineReader::next() {
  for (;;) {
    const char* const found =
        static_cast<const char*>(std::memchr(buffer_.data() + searched_, '\n', buffer_.size() - searched_));
    const size_t size =
        found == nullptr ? buffer_.size() - begin_ : static_cast<size_t>(found - buffer_.data()) - begin_;
    if (found == nullptr && ended_ && growing_ && !decompressor_) {
      ended_ = false;
      return std::span<char>();
    }
    const bool last = found == nullptr && ended_;
    if (last && size == 0) break;
    if (found == nullptr && !last && size < kLineBytesMax) {
      searched_ = buffer_.size();
      if (auto filled = fill(); !filled) return tl::unexpected(filled.error());
      continue;
    }
    char* const line = buffer_.data() + begin_;
    line[size] = '\0';  // the line end; behind the last line the string's own
    line_offset_ = offset_;
    const size_t taken = size + (found == nullptr ? 0 : 1);
    begin_ += taken;
    searched_ = begin_;
    offset_ += taken;
    return std::span<char>(line, size);
  }
  if (damage_.empty()) return std::span<char>();
  return fail(Errc::corrupt, std::exchange(damage_, {}));
}

}  // namespace acta::report
