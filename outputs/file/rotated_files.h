#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/compressor.h"
#include "base/fs.h"

namespace acta {

/// The finished files of a file output: their names, how many are kept, and their compression. One thread.
///
/// A name is <filename>-<UTC time of rotation>-<counter>.ndjson, with .gz or .zst once compressed: sorted by name they
/// are in the order of writing, also when the clock went back, and no name is used twice. A compressed file is written
/// without a name, synced, and only then linked, so that no half of one is ever to be seen; then the plain one goes.
/// Where the file system has no unnamed files (O_TMPFILE), rotated files stay plain.
class RotatedFiles {
 public:
  struct Settings {
    std::string directory;
    std::string filename;
    Compression compression = Compression::none;
    size_t kept = 0;  ///< how many stay, the oldest go; 0 for all
    uint32_t mode = 0600;
  };
  RotatedFiles(Fs& fs, Settings settings) : fs_(fs), settings_(std::move(settings)) {}

  /// Finds what is there from before; removes the plain file of a pair that a crash left.
  Result<> scan();
  /// A path that is not used yet.
  std::string next_path(Nanos realtime);
  /// The file `path` (from next_path) is there now.
  void added(const std::string& path);
  /// Removes files beyond the number kept, and compresses at most about `bytes` of what waits for it. Never blocks for
  /// longer; call it again.
  Result<> work(size_t bytes);
  /// True while there is something for work() to do.
  [[nodiscard]] bool busy() const { return to_compress() || (settings_.kept > 0 && names_.size() > settings_.kept); }
  [[nodiscard]] size_t count() const { return names_.size(); }

 private:
  /// One file being compressed.
  struct Job {
    std::string name;
    std::unique_ptr<File> from;
    std::unique_ptr<File> to;
    std::unique_ptr<Compressor> compressor;
    uint64_t read = 0;
  };

  [[nodiscard]] std::string path_of(const std::string& name) const { return settings_.directory + "/" + name; }
  [[nodiscard]] bool to_compress() const {
    return !plain_.empty() && settings_.compression != Compression::none && able_;
  }
  [[nodiscard]] std::string compressed(const std::string& name) const;
  Result<> remove_oldest();
  Result<> begin(const std::string& name);
  Result<bool> compress(size_t bytes);
  Result<> replace_by_compressed(const std::string& name);

  Fs& fs_;
  const Settings settings_;
  std::vector<std::string> names_;  // of all rotated files, sorted; compressed ones with their suffix
  std::vector<std::string> plain_;  // to compress, oldest first
  std::string newest_stamp_;        // time and counter of the newest name
  unsigned newest_counter_ = 0;
  std::unique_ptr<Job> job_;
  bool able_ = true;  // the file system has unnamed files
};

}  // namespace acta
