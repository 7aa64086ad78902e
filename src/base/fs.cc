#include "base/fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace acta {
namespace {

FileStat from_stat(const struct stat& st) {
  return {.device = st.st_dev,
          .inode = st.st_ino,
          .size = static_cast<uint64_t>(st.st_size),
          .mtime = static_cast<int64_t>(st.st_mtim.tv_sec) * 1'000'000'000 + st.st_mtim.tv_nsec,
          .mode = st.st_mode,
          .uid = st.st_uid,
          .directory = S_ISDIR(st.st_mode)};
}

class PosixFile final : public File {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~PosixFile() override { ::close(fd_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  Result<> append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail_errno("cannot write " + path_, errno);
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return {};
  }

  Result<> sync() override {
    if (::fdatasync(fd_) != 0) return fail_errno("cannot sync " + path_, errno);
    return {};
  }

  Result<size_t> read_at(uint64_t offset, char* into, size_t size) override {
    for (;;) {
      const ssize_t n = ::pread(fd_, into, size, static_cast<off_t>(offset));
      if (n >= 0) return static_cast<size_t>(n);
      if (errno != EINTR) return fail_errno("cannot read " + path_, errno);
    }
  }

  Result<> truncate(uint64_t size) override {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return fail_errno("cannot cut " + path_, errno);
    return {};
  }

  Result<FileStat> stat() override {
    struct stat st {};
    if (::fstat(fd_, &st) != 0) return fail_errno("cannot stat " + path_, errno);
    return from_stat(st);
  }

  Result<> set_mode(uint32_t mode) override {
    if (::fchmod(fd_, static_cast<mode_t>(mode)) != 0) return fail_errno("cannot change the mode of " + path_, errno);
    return {};
  }

  // linkat(2): naming by descriptor alone needs CAP_DAC_READ_SEARCH (or Linux 6.10); by /proc it does not.
  Result<> link(const std::string& path) override {
    if (::linkat(fd_, "", AT_FDCWD, path.c_str(), AT_EMPTY_PATH) == 0) return {};
    if (errno == ENOENT || errno == EPERM) {
      const std::string self = "/proc/self/fd/" + std::to_string(fd_);
      if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0) return {};
    }
    return fail_errno("cannot make " + path, errno);
  }

 private:
  int fd_;
  std::string path_;
};

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::read:
      return O_RDONLY;
    case OpenMode::append:
      return O_RDWR | O_APPEND | O_CREAT;
    case OpenMode::create_new:
      return O_RDWR | O_APPEND | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

}  // namespace

Result<> File::set_mode(uint32_t) {
  return fail(Errc::unsupported, "cannot change the mode of a file here");
}
Result<> File::link(const std::string& path) {
  return fail(Errc::unsupported, "cannot name a file here: " + path);
}

Result<std::unique_ptr<File>> Fs::open_unnamed(const std::string& directory) {
  return fail(Errc::unsupported, "cannot make an unnamed file in " + directory);
}

// A lock by flock(2): it goes with the process, however that ends.
class PosixLock final : public FileLock {
 public:
  explicit PosixLock(int fd) : fd_(fd) {}
  ~PosixLock() override { ::close(fd_); }
  PosixLock(const PosixLock&) = delete;
  PosixLock& operator=(const PosixLock&) = delete;

 private:
  int fd_;
};

std::string parent_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<std::unique_ptr<File>> PosixFs::open(const std::string& path, OpenMode mode) {
  const int fd = ::open(path.c_str(), open_flags(mode) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
  if (fd < 0) return fail_errno("cannot open " + path, errno);
  return std::make_unique<PosixFile>(fd, path);
}

Result<std::unique_ptr<File>> PosixFs::open_unnamed(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
  if (fd >= 0) return std::make_unique<PosixFile>(fd, directory + "/(unnamed)");
  // open(2): EOPNOTSUPP where the file system has no O_TMPFILE, EISDIR where the kernel does not know it.
  if (errno == EOPNOTSUPP || errno == EISDIR) return fail(Errc::unsupported, "no unnamed files in " + directory, errno);
  return fail_errno("cannot make an unnamed file in " + directory, errno);
}

Result<FileStat> PosixFs::stat(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return fail_errno("cannot stat " + path, errno);
  return from_stat(st);
}

Result<> PosixFs::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return fail_errno("cannot rename " + from + " to " + to, errno);
  return {};
}

Result<> PosixFs::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return fail_errno("cannot remove " + path, errno);
  return {};
}

Result<> PosixFs::sync_dir(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail_errno("cannot open " + directory, errno);
  const int failed = ::fsync(fd) != 0 ? errno : 0;
  ::close(fd);
  if (failed != 0) return fail_errno("cannot sync " + directory, failed);
  return {};
}

Result<std::vector<std::string>> PosixFs::list(const std::string& directory) {
  DIR* dir = ::opendir(directory.c_str());
  if (dir == nullptr) return fail_errno("cannot list " + directory, errno);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(dir)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  ::closedir(dir);
  std::sort(names.begin(), names.end());
  return names;
}

Result<> PosixFs::make_dirs(const std::string& directory) {
  if (directory.empty() || directory == "/" || directory == ".") return {};
  if (::mkdir(directory.c_str(), 0750) == 0) return sync_dir(parent_of(directory));
  if (errno == ENOENT) {
    if (auto made = make_dirs(parent_of(directory)); !made) return made;
    if (::mkdir(directory.c_str(), 0750) == 0) return sync_dir(parent_of(directory));
  }
  const int failed = errno;
  struct stat st {};
  if (failed != EEXIST) return fail_errno("cannot make directory " + directory, failed);
  if (::stat(directory.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) return {};
  return fail_errno("cannot make directory " + directory, ENOTDIR);
}

namespace {

tl::unexpected<Error> of_another_user(const std::string& path, uid_t owner) {
  return fail(Errc::denied, path + " belongs to the user with id " + std::to_string(owner) +
                                ": run this as that user, or give the directory to this one");
}

}  // namespace

Result<std::unique_ptr<FileLock>> PosixFs::lock(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    const int failed = errno;
    struct stat st {};
    const bool theirs = ::lstat(path.c_str(), &st) == 0 && st.st_uid != ::geteuid();
    if (failed == EACCES && theirs) return of_another_user(path, st.st_uid);
    return fail_errno("cannot open " + path, failed);
  }
  auto lock = std::make_unique<PosixLock>(fd);
  constexpr size_t kPidBytes = 64;
  char pid[kPidBytes] = {};
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int failed = errno;
    if (failed != EWOULDBLOCK) return fail_errno("cannot lock " + path, failed);
    const ssize_t n = ::pread(fd, pid, sizeof pid - 1, 0);
    return fail(Errc::denied, path + " is locked: another agent (pid " +
                                  std::string(pid, static_cast<size_t>(std::max<ssize_t>(n, 0))) +
                                  ") uses this directory; stop it, or give this one another path");
  }
  struct stat st {};
  if (::fstat(fd, &st) == 0 && st.st_uid != ::geteuid()) return of_another_user(path, st.st_uid);
  // Written first and cut after: a lock file that was there needs no room on a full disk.
  const std::string own = std::to_string(::getpid()) + " " + program_invocation_short_name;
  if (::pwrite(fd, own.data(), own.size(), 0) < 0 || ::ftruncate(fd, static_cast<off_t>(own.size())) != 0)
    return fail_errno("cannot write " + path, errno);
  return lock;
}

Result<uint64_t> PosixFs::free_bytes(const std::string& path) {
  struct statvfs st {};
  if (::statvfs(path.c_str(), &st) != 0) return fail_errno("cannot ask the file system of " + path, errno);
  return static_cast<uint64_t>(st.f_bavail) * st.f_frsize;
}

Result<std::string> read_file(Fs& fs, const std::string& path, size_t bytes_max) {
  auto file = fs.open(path, OpenMode::read);
  if (!file) return tl::unexpected(file.error());
  std::string content;
  for (;;) {
    constexpr size_t kStep = 65536;
    const size_t had = content.size();
    content.resize(had + kStep);
    auto n = (*file)->read_at(had, content.data() + had, kStep);
    if (!n) return tl::unexpected(n.error());
    content.resize(had + *n);
    if (content.size() > bytes_max) {
      return fail(Errc::unsupported, path + " is larger than " + std::to_string(bytes_max) + " bytes");
    }
    if (*n == 0) return content;
  }
}

Result<> replace_file(Fs& fs, const std::string& path, std::string_view content) {
  const std::string temporary = path + ".new";
  if (auto old = fs.stat(temporary)) {
    if (auto removed = fs.remove(temporary); !removed) return removed;
  }
  auto file = fs.open(temporary, OpenMode::create_new);
  if (!file) return tl::unexpected(file.error());
  if (auto done = (*file)->append(content); !done) return done;
  if (auto done = (*file)->sync(); !done) return done;
  if (auto done = fs.rename(temporary, path); !done) return done;
  return fs.sync_dir(parent_of(path));
}

}  // namespace acta
