#include "sys/log_paths.h"

#include <fnmatch.h>
#include <glob.h>

#include <algorithm>
#include <map>

namespace acta {
namespace {

struct Split {
  std::string directory, name;
};

Split split_path(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {".", std::string(path)};
  return {slash == 0 ? "/" : std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

std::vector<std::string> matches_of(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), GLOB_NOSORT | GLOB_BRACE, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return paths;
}

/// Logs by path.
class Logs {
 public:
  void add_file(const Split& file, std::string_view base, bool include_rotated) {
    LogPath& log = at(file.directory, base);
    log.names.insert(file.name);
    if (include_rotated && file.name == base) log.whole = true;
  }

  [[nodiscard]] bool has(const Split& file, std::string_view base) const {
    return logs_.contains({file.directory, std::string(base)});
  }

  std::vector<LogPath> take() {
    std::vector<LogPath> all;
    all.reserve(logs_.size());
    for (auto& [key, log] : logs_) all.push_back(std::move(log));
    return all;
  }

 private:
  LogPath& at(const std::string& directory, std::string_view base) {
    LogPath& log = logs_[{directory, std::string(base)}];
    log.directory = directory;
    log.base = base;
    return log;
  }

  std::map<std::pair<std::string, std::string>, LogPath> logs_;
};

}  // namespace

bool is_pattern(std::string_view path) {
  return path.find_first_of("*?[{") != std::string_view::npos;
}

std::vector<LogPath> resolve_log_paths(const std::vector<std::string>& paths, bool include_rotated) {
  Logs logs;
  std::vector<Split> suffixed;  // plain paths that may be a rotated file of another log, or a log whose name looks so
  std::map<std::string, int> siblings;
  for (const std::string& path : paths) {
    if (is_pattern(path)) {
      for (const std::string& match : matches_of(path)) {
        const Split file = split_path(match);
        logs.add_file(file, split_rotated_name(file.name).base, include_rotated);
      }
      continue;
    }
    Split file = split_path(path);
    const std::string_view base = split_rotated_name(file.name).base;
    if (base == file.name) {
      logs.add_file(file, base, include_rotated);
    } else {
      ++siblings[file.directory + '/' + std::string(base)];
      suffixed.push_back(std::move(file));
    }
  }
  for (const Split& file : suffixed) {
    const std::string_view base = split_rotated_name(file.name).base;
    const bool together = logs.has(file, base) || siblings[file.directory + '/' + std::string(base)] > 1;
    logs.add_file(file, together ? base : std::string_view(file.name), include_rotated);
  }
  return logs.take();
}

std::set<std::string> directories_of(const std::vector<std::string>& paths) {
  std::set<std::string> directories;
  for (const std::string& path : paths) {
    const std::string directory = split_path(path).directory;
    if (!is_pattern(directory)) directories.insert(directory);
  }
  return directories;
}

bool is_match_of(const std::vector<std::string>& paths, const std::string& path) {
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& pattern) {
    return is_pattern(pattern) && ::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
  });
}

LogPath log_of(std::string_view path, bool include_rotated) {
  Split split = split_path(path);
  return {.directory = std::move(split.directory), .base = split.name, .whole = include_rotated, .names = {split.name}};
}

Result<std::vector<LogFileName>> list_log(Fs& fs, const LogPath& log) {
  const auto names = fs.list(log.directory);
  if (!names) return tl::unexpected(names.error());
  std::vector<LogFileName> files;
  for (const std::string& name : *names) {
    if (!name.starts_with(log.base)) continue;
    auto suffix = parse_rotation_suffix(std::string_view(name).substr(log.base.size()));
    if (!suffix || !(log.whole || log.names.contains(name))) continue;
    suffix->compressed = split_rotated_name(name).suffix.compressed;  // also a log that is itself named so
    files.push_back({name, *suffix});
  }
  std::sort(files.begin(), files.end(), [](const LogFileName& a, const LogFileName& b) {
    if (a.suffix.older_than(b.suffix)) return true;
    return !b.suffix.older_than(a.suffix) && a.name < b.name;
  });
  return files;
}

}  // namespace acta
