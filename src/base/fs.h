#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace acta {

/// What identifies and describes a file now. `mtime` in nanoseconds since 1970.
struct FileStat {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;
  int64_t mtime = 0;
  uint32_t mode = 0;
  uint32_t uid = 0;
  bool directory = false;
};

/// One open file. One thread at a time. Closing never fails and never writes: sync first what must survive.
class File {
 public:
  virtual ~File() = default;
  /// Writes all of `bytes` at the end, or fails with nothing promised about how much of it was written.
  virtual Result<> append(std::string_view bytes) = 0;
  /// Makes what was appended survive a crash of the host (fdatasync).
  virtual Result<> sync() = 0;
  /// Reads up to `size` bytes at `offset`; 0 at the end of the file.
  virtual Result<size_t> read_at(uint64_t offset, char* into, size_t size) = 0;
  /// Cuts the file to `size` bytes.
  virtual Result<> truncate(uint64_t size) = 0;
  virtual Result<FileStat> stat() = 0;
  /// Sets the permission bits, whatever the umask.
  virtual Result<> set_mode(uint32_t mode);
  /// Gives a file from Fs::open_unnamed its name, in one step; fails when the name exists. The directory is to be
  /// synced after.
  virtual Result<> link(const std::string& path);
};

/// Held while it lives; given back by its destructor.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class OpenMode : uint8_t {
  read,       ///< must exist
  append,     ///< made with mode 0600 when missing
  create_new  ///< fails when it exists; mode 0600
};

/// The file system: a seam of simulation. Any thread may call; a File belongs to one thread.
class Fs {
 public:
  virtual ~Fs() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  /// A new file without a name in the file system of `directory`, mode 0600: it vanishes unless link() names it.
  /// Errc::unsupported where the file system cannot.
  virtual Result<std::unique_ptr<File>> open_unnamed(const std::string& directory);
  virtual Result<FileStat> stat(const std::string& path) = 0;
  /// Replaces `to` in one step.
  virtual Result<> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<> remove(const std::string& path) = 0;
  /// Makes entries made, renamed or removed in the directory survive a crash of the host.
  virtual Result<> sync_dir(const std::string& directory) = 0;
  /// Names (not paths) in the directory, sorted, without "." and "..".
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  /// Makes the directory and its parents (0750) where missing; the new entries survive a crash of the host.
  virtual Result<> make_dirs(const std::string& directory) = 0;
  /// Takes the lock file `path` (made when missing) for this process alone; Errc::denied when another one has it, with
  /// its pid and name in `what`. A file system that has no locks refuses.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) {
    return fail(Errc::unsupported, path + ": no locks here");
  }
  /// Bytes that may still be written to the file system that holds `path`; without an answer of its own, any number.
  virtual Result<uint64_t> free_bytes(const std::string& path) {
    static_cast<void>(path);
    return UINT64_MAX;
  }
};

/// The host's file system. Paths may be anything; files are opened with O_CLOEXEC, and never block on a FIFO.
class PosixFs final : public Fs {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<std::unique_ptr<File>> open_unnamed(const std::string& directory) override;
  Result<FileStat> stat(const std::string& path) override;
  Result<> rename(const std::string& from, const std::string& to) override;
  Result<> remove(const std::string& path) override;
  Result<> sync_dir(const std::string& directory) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<> make_dirs(const std::string& directory) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;
  Result<uint64_t> free_bytes(const std::string& path) override;
};

/// The directory part of a path: "." when there is none.
std::string parent_of(const std::string& path);

/// Reads a whole file of at most `bytes_max`; a larger one is Errc::unsupported.
Result<std::string> read_file(Fs& fs, const std::string& path, size_t bytes_max);

/// Replaces `path` with `content` so that after a crash either the old or the new content is there:
/// a temporary file beside it, sync, rename, sync of the directory.
Result<> replace_file(Fs& fs, const std::string& path, std::string_view content);

}  // namespace acta
