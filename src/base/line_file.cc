#include "base/line_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace acta {
namespace {

constexpr uint64_t kBlock = 65'536;

}  // namespace

Result<std::unique_ptr<LineFile>> LineFile::open(Fs& fs, const std::string& path, uint32_t mode) {
  if (const auto there = fs.stat(path); there && there->directory) {
    return fail(Errc::io, path + " is a directory: remove it, or name another file");
  }
  auto file = fs.open(path, OpenMode::append);
  if (!file) return tl::unexpected(file.error());
  std::unique_ptr<LineFile> lines(new LineFile(std::move(*file), path));
  auto opened = lines->file_->stat();
  if (!opened) return tl::unexpected(opened.error());
  if (!S_ISREG(opened->mode)) return fail(Errc::io, path + " is not a regular file: remove it, or name another file");
  lines->opened_ = *opened;
  lines->size_ = opened->size;
  constexpr uint32_t kPermissionBits = 07777;
  if (opened->size == 0 && (opened->mode & kPermissionBits) != mode) {
    if (auto done = lines->file_->set_mode(mode); !done) return tl::unexpected(done.error());
  }
  if (auto done = lines->repair(); !done) return tl::unexpected(done.error());
  // Also for a file found: who made it may have died before this.
  if (auto done = fs.sync_dir(parent_of(path)); !done) return tl::unexpected(done.error());
  return lines;
}

Result<> LineFile::read_whole(uint64_t offset, char* into, size_t size) {
  for (size_t done = 0; done < size;) {
    auto n = file_->read_at(offset + done, into + done, size - done);
    if (!n) return tl::unexpected(n.error());
    if (*n == 0) return fail(Errc::io, path_ + " became shorter while it was read");
    done += *n;
  }
  return {};
}

Result<uint64_t> LineFile::end_of_last_line() {
  std::vector<char> block(kBlock);
  for (uint64_t end = size_; end > 0;) {
    const uint64_t begin = end > kBlock ? end - kBlock : 0;
    const auto size = static_cast<size_t>(end - begin);
    if (auto done = read_whole(begin, block.data(), size); !done) return tl::unexpected(done.error());
    const size_t newline = std::string_view(block.data(), size).rfind('\n');
    if (newline != std::string_view::npos) return begin + newline + 1;
    end = begin;
  }
  return 0;
}

Result<bool> LineFile::has_zeros(uint64_t from) {
  std::vector<char> block(kBlock);
  for (uint64_t at = from; at < size_; at += kBlock) {
    const auto size = static_cast<size_t>(std::min<uint64_t>(kBlock, size_ - at));
    if (auto done = read_whole(at, block.data(), size); !done) return tl::unexpected(done.error());
    if (std::memchr(block.data(), '\0', size) != nullptr) return true;
  }
  return false;
}

Result<> LineFile::repair() {
  const uint64_t had = size_;
  auto end = end_of_last_line();
  if (!end) return tl::unexpected(end.error());
  size_ = *end;
  torn_ = size_ != had;
  const uint64_t from = size_ > kDamageBytesMax ? size_ - kDamageBytesMax : 0;
  auto zeros = has_zeros(from);
  if (!zeros) return tl::unexpected(zeros.error());
  std::string tail;
  size_t zero = std::string::npos;
  if (*zeros) {
    tail.resize(static_cast<size_t>(size_ - from));
    if (auto done = read_whole(from, tail.data(), tail.size()); !done) return done;
    zero = tail.find('\0', from == 0 ? 0 : tail.find('\n') + 1);  // in whole lines
  }
  if (zero == std::string::npos) {
    cut_off_ = had - size_;
    return cut_back(true);
  }
  // From the first damaged line on, only whole lines without zeros stay.
  const size_t before = tail.rfind('\n', zero);
  size_t at = before == std::string::npos ? 0 : before + 1;
  size_ = from + at;
  torn_ = true;
  std::string good;
  while (at < tail.size()) {
    const size_t next = tail.find('\n', at) + 1;
    const std::string_view line = std::string_view(tail).substr(at, next - at);
    if (line.find('\0') == std::string_view::npos) good.append(line);
    at = next;
  }
  if (auto done = append(good, true); !done) return done;
  cut_off_ = had - size_;
  return {};
}

// Synced, so that after a crash no old bytes come back in the middle of new ones.
Result<> LineFile::cut_back(bool sync) {
  if (!torn_) return {};
  if (auto done = file_->truncate(size_); !done) return done;
  if (sync) {
    if (auto done = file_->sync(); !done) return done;
  }
  torn_ = false;
  return {};
}

Result<> LineFile::append(std::string_view lines, bool sync) {
  if (auto done = cut_back(sync); !done) return done;
  torn_ = true;
  auto done = file_->append(lines);
  // After a failed sync the kernel may have dropped the bytes from its cache unwritten (fsync(2)): they are cut off and
  // written again.
  if (done && sync) done = file_->sync();
  if (done) {
    size_ += lines.size();
    torn_ = false;
    return {};
  }
  static_cast<void>(cut_back(sync));  // else the next append does
  return done;
}

bool LineFile::still_there(Fs& fs) const {
  const auto now = fs.stat(path_);
  if (!now) return now.error().sys != ENOENT;  // what else may be wrong, the next append will say
  return now->inode == opened_.inode && now->device == opened_.device && (torn_ || now->size == size_);
}

}  // namespace acta
