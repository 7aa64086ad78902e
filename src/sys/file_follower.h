#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "base/result.h"
#include "event/raw.h"
#include "sys/file_identity.h"

namespace acta {

/// A stretch of a file, in the buffer of a batch.
struct FileChunk {
  uint64_t run = 0;     ///< Position::file
  uint64_t offset = 0;  ///< in the file, of the first byte
  size_t at = 0;        ///< of the first byte in batch.buffer()
  size_t size = 0;      ///< bytes; never 0
  char before = '\n';   ///< the byte before `offset` in the file; '\n' at its start
  bool last = false;    ///< nothing comes after it in this file: what is not a whole record is all there will be
  const Origin* origin = nullptr;
};

/// Cuts records out of chunks. Implemented by inputs.
class Framer {
 public:
  /// No record is longer: a chunk of this size, and one that is `last`, always yields something.
  static constexpr size_t kRecordBytesMax = size_t{1} << 20;

  virtual ~Framer() = default;
  /// Adds an item for each whole record of the chunk with batch.item(head, chunk.at + …, size), head.begin =
  /// {chunk.run, chunk.offset + …}. Returns the bytes consumed from the chunk's start, line ends and bytes thrown away
  /// included: the rest is given again, at the start of a later chunk, with more after it. 0 asks for a longer chunk;
  /// it must consume something when chunk.size >= kRecordBytesMax, and everything when chunk.last.
  virtual size_t frame(RawBatch& batch, const FileChunk& chunk) = 0;
  /// Items given so far.
  [[nodiscard]] uint64_t items() const { return items_; }

 protected:
  uint64_t items_ = 0;  // counted by who gives them
};

/// Follows logs over rotation: shared by the inputs that read files. Not tied to what records look like.
///
/// A log is a path; its files are the path itself and what rotation made of it: `.N` (larger is older) and `-DATE`
/// (smaller is older, and older than all `.N`). Compressed ones are passed over with a log line. Files of a log are
/// read oldest first, each to its end; one that is renamed is read through its open descriptor, and the next is begun
/// only when it was quiet for a moment (kGrace). What lands in it later still is read as a further run. Several logs (a
/// list, a glob) are read in turns.
///
/// A file is known by its fingerprint (IdentityRule). So it is found under any name after a restart, a copy is not read
/// twice, and a reused inode or a file cut and grown past the old offset (copy-and-truncate) is a new file, of which
/// nothing was read yet; the rest of the old one is taken from its copy when there is one. What was known to be there
/// and cannot be found any more is a gap: said in the log and counted.
///
/// Nothing about one file is fatal: missing, unreadable, a directory or FIFO in its place is logged once per change and
/// tried again. Only plain files are opened. Symbolic links are followed. One thread. Never blocks (regular files apart
/// from the disk's own time).
class FileFollower {
 public:
  struct Settings {
    std::string name;                ///< of the input, for the log
    std::vector<std::string> paths;  ///< paths and glob(7) patterns; patterns are looked at again at each scan
    IdentityRule identity = IdentityRule::first_line;
    bool include_rotated = true;    ///< read rotated files of a path that is there under its plain name too
    bool from_newest = false;       ///< at the very first start, pass over what is there already
    bool stop_at_end = false;       ///< pull ends with `done` once all files are read to their ends
    bool keep_original = false;     ///< for Origin
    bool watch = true;              ///< by inotify(7), which knows the host's files only; else by looking
    Nanos poll_interval = kSecond;  ///< directories are scanned again at least this often
    Nanos grace = kSecond / 2;      ///< how long a renamed file must be quiet, or watched, before the next is begun
  };
  /// Since start, as in InputCounts.
  struct Counts {
    uint64_t bytes = 0, runs = 0, gaps = 0, truncated = 0;
  };
  enum class Pulled : uint8_t { more, idle, done };  // as Pull, which is above this layer

  /// `clock` and `fs` outlive the follower. Patterns are looked up in the host's file system whatever `fs` is.
  FileFollower(Settings settings, const Clock& clock, Fs& fs);
  ~FileFollower();
  FileFollower(const FileFollower&) = delete;
  FileFollower& operator=(const FileFollower&) = delete;

  /// Begins at the oldest file ({0, 0}: or as the settings say), or where the cursor stood: `marks` as marks() gave
  /// them.
  Result<> open(Position at, std::span<const FileMark> marks);
  /// The inotify descriptor; -1 when nothing can be watched.
  [[nodiscard]] int poll_fd() const;
  /// Reads the next chunk (256 KiB, up to 1 MiB for long records) into the batch and has it framed. Sets
  /// batch.end_of_input when idle or done.
  Pulled pull(RawBatch& batch, Framer& framer);
  /// Everything before `position` is safe.
  void safe(Position position);
  [[nodiscard]] std::vector<FileMark> marks(Position from) const;
  [[nodiscard]] const Counts& counts() const;
  /// The gaps found since the last call, without their source.
  std::vector<Loss> take_losses();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace acta
