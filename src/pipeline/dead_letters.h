#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/line_file.h"
#include "event/batch.h"

namespace acta {

/// A document that an output can never take, and why.
struct DeadLetter {
  std::string_view why;
  Doc doc;
  int status = 0;  ///< the protocol's number for it; 0: none
};

/// The dead letters of one output: <directory>/<output>.ndjson, mode 0600, one JSON object per line:
///     {"time":"2026-11-23T10:15:30.000Z","output":"elasticsearch","why":"…","status":400,"id":"…","document":{…}}
/// `document` is the document as it was sent; a document that is not JSON is there as a string. An operator replays the
/// file or takes it away (a file that is gone is made anew). A file that has grown to `file_bytes_max` is renamed to
/// <output>.<number>.ndjson; of these the newest `files_max` are kept: the letters of an older one are gone for good,
/// counted and said. One thread.
class DeadLetters {
 public:
  struct Limits {
    uint64_t file_bytes_max = 100u << 20;
    size_t files_max = 10;  ///< full ones, beside the current one
  };
  /// Opens nothing yet. `directory` is made when the first letter comes.
  DeadLetters(Fs& fs, const Clock& clock, std::string directory, std::string output, const Limits& limits);
  DeadLetters(Fs& fs, const Clock& clock, std::string directory, std::string output)
      : DeadLetters(fs, clock, std::move(directory), std::move(output), Limits()) {}

  /// Writes all of them and syncs, or fails and none is there.
  Result<> write(std::span<const DeadLetter> letters);
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Paths of the letters of an output, the oldest first: the full files, then the current one if it is there.
  static Result<std::vector<std::string>> files(Fs& fs, const std::string& directory, const std::string& output);
  /// Letters that were given up because there were too many.
  [[nodiscard]] uint64_t dropped() const { return dropped_; }

 private:
  Result<> open();
  Result<> rotate();
  Result<> drop(const std::string& path);
  void append_line(std::string_view time, const DeadLetter& letter);

  Fs& fs_;
  const Clock& clock_;
  std::string directory_;
  std::string output_;
  std::string path_;
  const Limits limits_;
  uint64_t dropped_ = 0;
  std::unique_ptr<LineFile> file_;
  std::string lines_;  // reused
};

}  // namespace acta
