#pragma once
#include <array>
#include <functional>
#include <optional>
#include <random>

#include "base/fs.h"

namespace acta::test {

/// A file system with faults: passes calls on to another one until told to fail. A failing append writes half of its
/// bytes first (a short write). For one thread; `under` must outlive it and its files.
class FaultFs final : public Fs {
 public:
  enum class Op : uint8_t {
    open,
    append,
    sync,
    read,
    truncate,
    file_stat,
    set_mode,
    link,
    open_unnamed,
    stat,
    rename,
    remove,
    sync_dir,
    list,
    make_dirs,
    lock
  };
  static constexpr size_t kOps = static_cast<size_t>(Op::lock) + 1;

  explicit FaultFs(Fs& under) : under_(under) {}

  /// After `skip` more calls of `op`, the next `times` of them fail with the errno `sys`.
  void fail(Op op, int sys, unsigned times = 1, unsigned skip = 0) {
    plan_[static_cast<size_t>(op)] = {.sys = sys, .times = times, .skip = skip};
  }
  /// Each call that changes something fails with one of some errnos, once in `one_in` calls; nullptr ends it.
  void fail_randomly(std::mt19937_64* random, unsigned one_in) {
    random_ = random;
    one_in_ = one_in;
  }
  /// After so many more calls nothing gets through any more, as when the process or the host dies there: the last
  /// append in half. nullopt: alive.
  std::optional<unsigned> calls_left;
  /// After so many more bytes the disk is full: an append writes what fits and fails with ENOSPC. nullopt: there is
  /// room again.
  std::optional<uint64_t> room;
  /// Called before each sync of a file, to make a disk slow. None by default.
  std::function<void()> before_sync{};
  /// How many calls have failed by fail() or fail_randomly().
  [[nodiscard]] unsigned failures() const { return failures_; }
  [[nodiscard]] unsigned calls(Op op) const { return calls_[static_cast<size_t>(op)]; }

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<std::unique_ptr<File>> open_unnamed(const std::string& directory) override;
  Result<FileStat> stat(const std::string& path) override;
  Result<> rename(const std::string& from, const std::string& to) override;
  Result<> remove(const std::string& path) override;
  Result<> sync_dir(const std::string& directory) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<> make_dirs(const std::string& directory) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;
  Result<uint64_t> free_bytes(const std::string& path) override { return under_.free_bytes(path); }

 private:
  struct Plan {
    int sys = 0;
    unsigned times = 0;
    unsigned skip = 0;
  };
  class FaultFile;
  Result<> check(Op op, const char* what);

  Fs& under_;
  std::array<Plan, kOps> plan_{};
  std::array<unsigned, kOps> calls_{};
  unsigned failures_ = 0;
  std::mt19937_64* random_ = nullptr;
  unsigned one_in_ = 0;
};

}  // namespace acta::test
