#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "sys/file_follower.h"
#include "sys/log_paths.h"

namespace acta {

/// Says what is wrong with a path once, and that it is well again: the same trouble is met at every scan.
class PathProblems {
 public:
  explicit PathProblems(std::string component) : component_(std::move(component)) {}
  void say(const std::string& path, const std::string& problem);
  void clear(const std::string& path);

 private:
  std::string component_;
  std::map<std::string, std::string> said_;
};

/// What the logs of one follower share.
struct FollowContext {
  const FileFollower::Settings& settings;
  const Clock& clock;
  Fs& fs;
  FileFollower::Counts counts{};
  PathProblems problems;
  std::vector<Loss> losses{};  ///< since the last pull
};

/// One file of a log: one content, known by its fingerprint, under whatever name.
struct FollowedFile {
  uint64_t device = 0;
  uint64_t inode = 0;
  std::string fingerprint;         ///< empty: too short yet; "~…": see provisional_fingerprint()
  std::string path;                ///< its name now; empty when it has none in the log
  std::unique_ptr<File> handle;    ///< while it is open
  uint64_t size = 0;               ///< at the last look
  int64_t mtime = 0;               ///< at the last look; nanoseconds since 1970
  uint64_t done = 0;               ///< everything before was given
  uint64_t seen = 0;               ///< up to here there was no whole record after `done`
  uint64_t run = 0;                ///< its last one; 0: none
  std::unique_ptr<Origin> origin;  ///< made with its first run
  bool finished = false;           ///< read to its end and passed over
  bool give_rest = false;          ///< what is left is to be given though it is no whole record
  bool before_known = true;
  char before = '\n';      ///< the byte before `done`
  Nanos quiet_since = -1;  ///< monotonic; at its end and a newer file is there; -1: not so
  Nanos finished_at = 0;   ///< monotonic
  Nanos retry_at = 0;      ///< monotonic; not to be tried before
  unsigned failures = 0;   ///< times in a row that it could not be opened or read

  [[nodiscard]] bool missing() const { return path.empty() && !handle; }
  /// Takes over what a look at the file said.
  void looked(uint64_t size_now, int64_t mtime_now) {
    if (size_now < seen || mtime_now != mtime) seen = done;
    size = size_now;
    mtime = mtime_now;
  }
};

/// The first kIdentityBytes of an open file, or all of it, in `into`. Empty when it cannot be read.
std::string_view read_head(File& file, char* into);

/// One log: its files in reading order, and which of them is to be read next.
class FollowedLog {
 public:
  FollowedLog(FollowContext& context, LogPath path)
      : context_(context), where_(std::move(path)), path_(where_.path()) {}

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& directory() const { return where_.directory; }
  [[nodiscard]] const LogPath& where() const { return where_; }
  void set_where(LogPath path) { where_ = std::move(path); }
  [[nodiscard]] const std::vector<std::unique_ptr<FollowedFile>>& files() const { return files_; }

  /// The file of a mark; made when not known. It has no name until a scan finds it.
  FollowedFile& known(const FileMark& mark);
  /// Looks at the directory: finds the files again, under any name, and new ones.
  void scan(Nanos now);
  /// The file to read now, or none: the oldest with unread bytes, with give_rest set when it will get no more. Never
  /// one that comes after a file that may still grow.
  FollowedFile* next(Nanos now);
  /// Opens the file if it is not open. False when it cannot be: said, and tried again later.
  bool open(FollowedFile& file, Nanos now);
  /// The file could not be opened or read.
  void failed(FollowedFile& file, const std::string& problem, Nanos now);
  /// True when a file that begins with `head` is this one.
  [[nodiscard]] bool matches(const FollowedFile& file, std::string_view head) const;
  /// It could not be read, and will be tried again after a while.
  [[nodiscard]] static bool waits(const FollowedFile& file, Nanos now);
  /// Another content lies where the file was: it is looked for under its other names with the next scan.
  void content_changed(FollowedFile& file);
  /// Says that bytes of the file cannot be read any more.
  void gap(const FollowedFile& file, const std::string& why);
  /// All is there is and was read.
  [[nodiscard]] bool finished() const;
  /// Marks everything as read, for the very first start with `from_newest`.
  void pass_over(Nanos now);
  /// Forgets files that are gone and whose runs end before `run`; their origins are handed to `origins`.
  void forget(uint64_t run, std::vector<std::unique_ptr<Origin>>& origins);

 private:
  struct Entry {
    std::string path;
    uint64_t device = 0, inode = 0, size = 0;
    int64_t mtime = 0;
    FollowedFile* file = nullptr;
  };

  bool look(std::vector<Entry>& entries);
  void order(const std::vector<Entry>& entries);
  void match_by_inode(std::vector<Entry>& entries);
  bool match_by_content(std::vector<Entry>& entries);
  FollowedFile* find_content(std::string_view head, const std::vector<Entry>& entries);
  bool same_content(FollowedFile& file, const Entry& entry);
  void settle(const std::vector<Entry>& entries);
  void take_leave(bool sure, Nanos now);
  bool refresh(FollowedFile& file);
  bool at_end(FollowedFile& file, size_t newer, Nanos now);
  void finish(FollowedFile& file, Nanos now);

  FollowContext& context_;
  LogPath where_;
  std::string path_;
  std::vector<std::unique_ptr<FollowedFile>> files_;  // in reading order
};

}  // namespace acta
