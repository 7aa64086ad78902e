#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/fs.h"

namespace acta {

/// A file to which whole lines are appended, never a part of one. One thread.
///
/// What an append that failed left behind is cut off again before anything else is written, so that a line is neither torn nor doubled. A crash
/// can leave a partial last line; open() cuts it off.
class LineFile {
 public:
  /// Opens `path`, makes it with `mode` when missing (its directory must exist), cuts off a partial last line, and syncs the directory.
  static Result<std::unique_ptr<LineFile>> open(Fs& fs, const std::string& path, uint32_t mode);

  /// Appends `lines`, which end in a line end, all or nothing; with `sync` they survive a crash of the host when this returns.
  Result<> append(std::string_view lines, bool sync);
  /// Bytes of whole lines that were appended.
  [[nodiscard]] uint64_t size() const { return size_; }
  /// Bytes of a partial last line that open() cut off.
  [[nodiscard]] uint64_t cut_off() const { return cut_off_; }
  /// Last change as of open(), nanoseconds since 1970.
  [[nodiscard]] int64_t opened_mtime() const { return opened_.mtime; }
  /// True when `path` still names this file and nobody else changed its size.
  [[nodiscard]] bool still_there(Fs& fs) const;

 private:
  LineFile(std::unique_ptr<File> file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  Result<> cut_partial_line();
  Result<> cut_back();

  std::unique_ptr<File> file_;
  std::string path_;
  FileStat opened_;
  uint64_t size_ = 0;
  uint64_t cut_off_ = 0;
  bool torn_ = false;  // there may be bytes after size_
};

}  // namespace acta
