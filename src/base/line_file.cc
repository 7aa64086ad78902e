#include "base/line_file.h"

#include <algorithm>
#include <vector>

namespace acta {

Result<std::unique_ptr<LineFile>> LineFile::open(Fs& fs, const std::string& path, uint32_t mode) {
  if (const auto there = fs.stat(path); there && there->directory) {
    return fail(Errc::io, path + " is a directory: remove it, or name another file");
  }
  auto file = fs.open(path, OpenMode::append);
  if (!file) return tl::unexpected(file.error());
  std::unique_ptr<LineFile> lines(new LineFile(std::move(*file), path));
  auto opened = lines->file_->stat();
  if (!opened) return tl::unexpected(opened.error());
  lines->opened_ = *opened;
  lines->size_ = opened->size;
  constexpr uint32_t kPermissionBits = 07777;
  if (opened->size == 0 && (opened->mode & kPermissionBits) != mode) {
    if (auto done = lines->file_->set_mode(mode); !done) return tl::unexpected(done.error());
  }
  if (auto done = lines->cut_partial_line(); !done) return tl::unexpected(done.error());
  // Also for a file found: who made it may have died before this.
  if (auto done = fs.sync_dir(parent_of(path)); !done) return tl::unexpected(done.error());
  return lines;
}

Result<> LineFile::cut_partial_line() {
  constexpr uint64_t kStep = 65'536;
  std::vector<char> block(kStep);
  uint64_t keep = 0;
  for (uint64_t end = size_; end > 0 && keep == 0;) {
    const uint64_t begin = end > kStep ? end - kStep : 0;
    auto n = file_->read_at(begin, block.data(), static_cast<size_t>(end - begin));
    if (!n) return tl::unexpected(n.error());
    if (*n != end - begin) return fail(Errc::io, path_ + " became shorter while it was read");
    const size_t newline = std::string_view(block.data(), *n).rfind('\n');
    if (newline != std::string_view::npos) keep = begin + newline + 1;
    end = begin;
  }
  if (keep == size_) return {};
  cut_off_ = size_ - keep;
  size_ = keep;
  torn_ = true;
  if (auto done = cut_back(); !done) return done;
  return file_->sync();
}

Result<> LineFile::cut_back() {
  if (!torn_) return {};
  if (auto done = file_->truncate(size_); !done) return done;
  torn_ = false;
  return {};
}

Result<> LineFile::append(std::string_view lines, bool sync) {
  if (auto done = cut_back(); !done) return done;
  torn_ = true;
  auto done = file_->append(lines);
  // After a failed sync the kernel may have dropped the bytes from its cache unwritten (fsync(2)): they are cut off and written again.
  if (done && sync) done = file_->sync();
  if (done) {
    size_ += lines.size();
    torn_ = false;
    return {};
  }
  static_cast<void>(cut_back());  // else the next append does
  return done;
}

bool LineFile::still_there(Fs& fs) const {
  const auto now = fs.stat(path_);
  return now && now->inode == opened_.inode && now->device == opened_.device && (torn_ || now->size == size_);
}

}  // namespace acta
