#pragma once
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace acta::spool {

inline constexpr std::string_view kLockName = "lock";
inline constexpr std::string_view kSyncedName = "synced";
inline constexpr std::string_view kDamagedName = "damaged";

/// The entries of a spool's directory, told apart by name (FORMAT.md).
struct Listing {
  std::vector<std::string> segments;  ///< ascending
  std::vector<std::string> readers;
  std::vector<std::string> unfinished;  ///< of replace_file, from a crash in the middle of it
  std::vector<std::string> foreign;     ///< not ours: left alone
  bool locked = false;                  ///< a lock file is there: this is, or was, a spool
  [[nodiscard]] bool spool() const { return locked || !segments.empty() || !readers.empty(); }
};

Result<Listing> list_spool(Fs& fs, const std::string& directory);

/// Copies `directory`/`name` to `directory`/damaged/, whole and synced, and says where; once for each segment.
Result<std::string> keep_damaged(Fs& fs, const std::string& directory, const std::string& name);
/// Moves it there.
Result<std::string> set_aside(Fs& fs, const std::string& directory, const std::string& name);

}  // namespace acta::spool
