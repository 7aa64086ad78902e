#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "event/loss.h"

namespace acta {

/// Process accounting (acct(2)) kept on a file of ours: turned on, rotated by size, put back. The file is renamed to
/// `path-SECONDS`, a new one made, and accounting switched to it: until the switch the kernel writes to the renamed
/// one, which a follower reads to its end. Rotated files go when there are more than `keep`, and only when everything
/// in them is safe. Needs CAP_SYS_PACCT. One thread.
class ManagedAccounting {
 public:
  struct Options {
    std::string path;
    uint64_t rotate_bytes = 0;
    size_t keep = 1;              ///< rotated files
    std::string state_directory;  ///< where what was found is remembered
  };
  /// acct(2): the path, or null to stop. Returns 0, or errno. A seam of tests.
  using Switch = std::function<int(const char* path)>;

  ManagedAccounting(Options options, Fs& fs, const Clock& clock, Switch acct = {});

  /// Finds out what is on, remembers it, and turns accounting on for our file. What cannot be done is tried again by
  /// tend().
  Result<> begin();
  /// Regular work: rotation, and a look at the free space, below which the kernel pauses (sysctl kernel.acct) and drops
  /// records without a count. `done_with` says that all of a file, by inode, is safe. Returns that loss while it lasts.
  std::optional<Loss> tend(const std::function<bool(uint64_t inode)>& done_with);
  /// Puts back what was found.
  Result<> end();

 private:
  [[nodiscard]] std::string remembered() const;
  std::string find_active();
  Result<> make_file();
  Result<> turn_to(const std::string& path);
  Result<> rotate();
  void remove_old(const std::function<bool(uint64_t)>& done_with, bool all);

  const Options options_;
  Fs& fs_;
  const Clock& clock_;
  const Switch acct_;
  std::optional<std::string> found_;  ///< the file that was on; empty: none
  Nanos next_look_ = 0;
  bool low_ = false;
  bool on_ = false;
};

}  // namespace acta
