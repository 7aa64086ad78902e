#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/fs.h"

namespace acta {

/// A file to which whole lines are appended, never a part of one. One thread.
///
/// What an append that failed left behind is cut off again before anything else is written, so that a line is neither
/// torn nor doubled; keep the object and call append() again. A crash can leave a partial last line, and file systems
/// that write blocks in any order can leave zeros where lines were (text never holds a zero byte): open() cuts them
/// out.
class LineFile {
 public:
  /// A crash leaves zeros only in what was not synced, which is one append: so far back from the end open() looks.
  static constexpr uint64_t kDamageBytesMax = 16u << 20;

  /// Opens `path`, makes it with `mode` when missing (its directory must exist), repairs its end, and syncs the
  /// directory.
  static Result<std::unique_ptr<LineFile>> open(Fs& fs, const std::string& path, uint32_t mode);

  /// Appends `lines`, which end in a line end, all or nothing; with `sync` they survive a crash of the host when this
  /// returns.
  Result<> append(std::string_view lines, bool sync);
  /// Bytes of whole lines that were appended.
  [[nodiscard]] uint64_t size() const { return size_; }
  /// Bytes of a partial last line or of zeros that open() took out.
  [[nodiscard]] uint64_t cut_off() const { return cut_off_; }
  /// Last change as of open(), nanoseconds since 1970.
  [[nodiscard]] int64_t opened_mtime() const { return opened_.mtime; }
  /// False when `path` does not name this file any more, or somebody else changed its size: open it again.
  [[nodiscard]] bool still_there(Fs& fs) const;

 private:
  LineFile(std::unique_ptr<File> file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  Result<> read_whole(uint64_t offset, char* into, size_t size);
  Result<uint64_t> end_of_last_line();
  Result<bool> has_zeros(uint64_t from);
  Result<> repair();
  Result<> cut_back(bool sync);

  std::unique_ptr<File> file_;
  std::string path_;
  FileStat opened_;
  uint64_t size_ = 0;
  uint64_t cut_off_ = 0;
  bool torn_ = false;  // there may be bytes after size_
};

}  // namespace acta
