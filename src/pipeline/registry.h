#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"
#include "inputs/input.h"

namespace acta {

/// Name of an input in the registry: the configured `id`, else its type and a hash of its paths in any order.
std::string input_id(std::string_view type, std::span<const std::string> paths, std::string_view configured);

/// Where the inputs begin again: one cursor per input, in one file that is replaced whole (path.data/registry.json,
/// mode 0600). Entries of inputs that are no longer configured are kept. One thread (main).
///
/// The file, numbers unsigned 64 bit:
///   {"version":1,"inputs":{ID:{"at":[run,offset],"read_to":[run,offset],
///     "files":[{"number","fingerprint","inode","device","path","begin","end"}],
///     "skip":[[key,begin run,begin offset,end run,end offset]],
///     "state": text of the input's Follower; not there when it has none}}}
class CursorRegistry {
 public:
  static constexpr uint64_t kVersion = 1;
  static constexpr size_t kBytesMax = size_t{256} << 20;

  /// Reads `path`; none there is an empty registry. One that cannot be understood is renamed to `path`.damaged, said in
  /// the log, and an empty one begun: files are read again from the oldest and documents have the ids they had. Fails
  /// when it cannot be read or moved, and for a newer version (Errc::unsupported). `fs` outlives the registry.
  static Result<CursorRegistry> load(Fs& fs, std::string path);

  /// The cursor of an input, or nullptr when it is new.
  [[nodiscard]] const Cursor* find(std::string_view id) const;
  void set(std::string_view id, Cursor cursor);
  /// Writes what was set, if it differs from what is on disk.
  Result<> save();

 private:
  CursorRegistry(Fs& fs, std::string path) : fs_(&fs), path_(std::move(path)) {}
  Result<> parse(std::string_view text);
  [[nodiscard]] std::string print() const;

  Fs* fs_;
  std::string path_;
  std::map<std::string, Cursor, std::less<>> cursors_;
  std::string on_disk_;  // what was read or written last
};

}  // namespace acta
