#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "sys/rotated_name.h"

namespace acta {

/// A log: the name that is written to, and which of the files that rotation made of it belong to it.
struct LogPath {
  std::string directory;
  std::string base;             ///< file name
  bool whole = false;           ///< the log itself and all rotated files; else only `names`
  std::set<std::string> names;  ///< files that were named or matched one by one

  [[nodiscard]] std::string path() const { return path_of(base); }
  /// Of a name in the log's directory. A name given without a directory stays so.
  [[nodiscard]] std::string path_of(const std::string& name) const {
    if (directory == ".") return name;
    return directory == "/" ? "/" + name : directory + "/" + name;
  }
};

/// What the paths and patterns of an input mean now. A plain path is a log, whether it is there or not. The matches of
/// a glob(7) pattern are put together by name: `audit.log` and `audit.log.1` are one log. So are listed paths that
/// differ only in their rotation suffix. `include_rotated`: a log named or matched under its plain name has its rotated
/// files too. Sorted by path.
std::vector<LogPath> resolve_log_paths(const std::vector<std::string>& paths, bool include_rotated);

/// Directories in which matches of these paths can appear (those without pattern characters).
std::set<std::string> directories_of(const std::vector<std::string>& paths);

/// True for a path with pattern characters.
bool is_pattern(std::string_view path);

/// True when one of the patterns matches the path, whether it is there or not.
bool is_match_of(const std::vector<std::string>& paths, const std::string& path);

/// The log at a path.
LogPath log_of(std::string_view path, bool include_rotated);

struct LogFileName {
  std::string name;
  RotationSuffix suffix;
};
/// Names in the log's directory that are files of it, in reading order.
Result<std::vector<LogFileName>> list_log(Fs& fs, const LogPath& log);

}  // namespace acta
