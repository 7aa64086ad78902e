#pragma once
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"

namespace acta::test {

/// A file system in memory that a host crash can rob of what was not synced. For one thread.
///
/// What survives crash():
/// - of a file: the content as of its last sync. Of bytes appended or cut after that: any size between the smallest
/// since then and the present
///   one, or the old one; with Loss::random_pages also any of its 4 KiB pages as before (zeros where there was
///   nothing).
/// - of a directory: the entries as of its last sync_dir, then a prefix of the changes after it; with
/// Loss::random_pages any subset of them. File and directory are separate: a synced file whose entry was not synced is
/// gone. A rename within a directory is one change, over
/// directories one of each. Directories made by make_dirs survive (its contract). Files that
/// were open fail with io from then on. A killed process loses nothing: drop its objects.
class FakeFs final : public Fs {
 public:
  enum class Loss : uint8_t {
    nothing,       ///< a crash after the kernel had written everything back
    everything,    ///< all that was not synced
    random_tails,  ///< as an ordered journal loses it
    random_pages   ///< in any order
  };

  explicit FakeFs(const Clock* clock = nullptr);
  ~FakeFs() override;
  FakeFs(const FakeFs&) = delete;
  FakeFs& operator=(const FakeFs&) = delete;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<std::unique_ptr<File>> open_unnamed(const std::string& directory) override;
  Result<FileStat> stat(const std::string& path) override;
  Result<> rename(const std::string& from, const std::string& to) override;
  Result<> remove(const std::string& path) override;
  Result<> sync_dir(const std::string& directory) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<> make_dirs(const std::string& directory) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

  void crash(Loss loss, std::mt19937_64& random);

  /// Bytes of all file contents at most; what goes beyond is written as far as it fits and fails with ENOSPC.
  uint64_t capacity = UINT64_MAX;
  /// False: open_unnamed is unsupported, as on some network file systems.
  bool unnamed_files = true;

  [[nodiscard]] uint64_t used() const;
  /// Bytes given to append() since the start, and calls of File::sync() and sync_dir().
  uint64_t appended = 0;
  uint64_t syncs = 0;
  uint64_t directory_syncs = 0;

  // Around the agent, as an operator or another program would; durable at once.
  void put(const std::string& path, std::string content);
  /// Adds to a file, made when missing.
  void grow(const std::string& path, std::string_view bytes);
  /// A rename within a directory, whose other changes are durable with it.
  void move(const std::string& from, const std::string& to);
  [[nodiscard]] bool exists(const std::string& path) const;
  /// The content now; "" when missing.
  [[nodiscard]] std::string content(const std::string& path) const;

 private:
  struct Inode;
  struct Directory;
  class FakeFile;
  class FakeLock;
  using InodePtr = std::shared_ptr<Inode>;  // shared: live and durable entries and open files point to one inode

  Directory* directory_of(const std::string& path);
  [[nodiscard]] InodePtr find(const std::string& path) const;
  InodePtr make_inode(uint32_t mode);
  [[nodiscard]] Nanos now() const { return clock_ != nullptr ? clock_->realtime() : 0; }

  const Clock* clock_;
  std::map<std::string, std::unique_ptr<Directory>> directories_;
  std::vector<std::weak_ptr<Inode>> inodes_;  // all that may still be reached
  std::set<std::string> locked_;
  uint64_t next_inode_ = 1;
  uint64_t boot_ = 0;  // counts crashes: files opened before one are dead
};

}  // namespace acta::test
