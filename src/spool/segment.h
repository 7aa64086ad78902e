#pragma once
#include <zstd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/fs.h"
#include "base/result.h"
#include "event/batch.h"
#include "spool/cipher.h"
#include "spool/frame.h"

namespace acta::spool {

/// "00000000000000081920.seg" for 81920.
std::string segment_name(uint64_t first);
/// The first offset that a name says; nothing for another file.
std::optional<uint64_t> segment_offset(std::string_view name);

/// Reads one segment, which may still be growing. One thread.
class SegmentReader {
 public:
  /// A frame found at `at` in the file, its CRC checked; `bytes` are header and payload as they lie there, until
  /// decode().
  struct Frame {
    FrameHeader header;
    uint64_t at = 0;
    std::string bytes;
    [[nodiscard]] uint64_t after() const { return at + kFrameHeaderBytes + header.stored; }
  };

  /// Opens `path`, whose name says `first`. Errc::corrupt when the header is not good, Errc::unsupported when it is of
  /// a newer version, Errc::denied when `master`, the spool's key (empty for none), is not the one it was written with.
  static Result<std::unique_ptr<SegmentReader>> open(Fs& fs, const std::string& path, uint64_t first,
                                                     std::string_view master);

  /// Reads the frame that begins at `at`; false when there is no good one (`frame` is then not to be used).
  Result<bool> read(uint64_t at, Frame& frame);
  /// Its header alone, unchecked but for mark and limits.
  Result<std::optional<FrameHeader>> peek(uint64_t at);
  /// Where the next good frame at or after `from` begins.
  Result<std::optional<uint64_t>> find(uint64_t from);
  /// The documents of a frame; false when the payload does not open.
  bool decode(Frame& frame, Batch& batch);

  [[nodiscard]] const SegmentHeader& header() const { return header_; }
  Result<uint64_t> size();

 private:
  explicit SegmentReader(std::unique_ptr<File> file) : file_(std::move(file)) {}
  Result<bool> rescue_header(uint64_t first);
  /// As many of the `size` bytes at `at` as there are.
  Result<> read_bytes(uint64_t at, size_t size, std::string& into);

  std::unique_ptr<File> file_;
  SegmentHeader header_;
  std::unique_ptr<Cipher> cipher_;  // null when not encrypted
  std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> zstd_{ZSTD_createDCtx(), &ZSTD_freeDCtx};
  std::string raw_, head_;  // reused
};

/// Writes one segment. One thread appends; sync() may be called by another at the same time.
class SegmentWriter {
 public:
  struct Options {
    std::string directory;
    int level = 1;         ///< of zstd; 0 stores payloads as they are
    std::string master;    ///< the spool's key; empty: not encrypted
    std::string suffix{};  ///< of the file's name, for one that is renamed when it is complete
  };
  /// Makes the file. With `after_gap` no document has an offset from `synced` to `first`.
  static Result<std::unique_ptr<SegmentWriter>> create(Fs& fs, const Options& options, uint64_t first, uint64_t synced,
                                                       bool after_gap);

  /// Makes the frame of a batch, without writing it. Valid until the next call.
  Result<std::string_view> frame(const Batch& batch, uint64_t first, uint64_t synced);
  /// Writes what frame() made last. When it fails nothing of it stays: the file is cut back, and if that fails too,
  /// broken() is true.
  Result<> append(std::string_view frame);
  Result<> sync() { return file_->sync(); }

  [[nodiscard]] uint64_t bytes() const { return bytes_; }
  [[nodiscard]] bool broken() const { return broken_; }
  [[nodiscard]] bool empty() const { return bytes_ == kSegmentHeaderBytes; }
  [[nodiscard]] uint64_t first() const { return header_.first; }

 private:
  SegmentWriter() = default;
  Result<> pack(FrameHeader& header);

  std::unique_ptr<File> file_;
  SegmentHeader header_;
  std::unique_ptr<Cipher> cipher_;
  int level_ = 1;
  uint32_t frames_ = 0;
  uint64_t bytes_ = 0;
  bool broken_ = false;
  std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> zstd_{ZSTD_createCCtx(), &ZSTD_freeCCtx};
  std::string raw_, frame_;  // reused
};

}  // namespace acta::spool
