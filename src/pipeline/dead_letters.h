#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/line_file.h"
#include "event/batch.h"

namespace acta {

/// A document that an output can never take, and why.
struct DeadLetter {
  std::string_view why;
  Doc doc;
};

/// The dead letters of one output: <directory>/<output>.ndjson, mode 0600, one JSON object per line:
///     {"time":"2026-11-23T10:15:30.000Z","output":"elasticsearch","why":"…","id":"…","document":{…}}
/// `document` is the document as it was sent; a document that is not JSON is there as a string. The file only grows; an
/// operator replays it or takes it away (a file that is gone is made anew). One thread.
class DeadLetters {
 public:
  /// Opens nothing yet. `directory` is made when the first letter comes.
  DeadLetters(Fs& fs, const Clock& clock, std::string directory, std::string output);

  /// Writes all of them and syncs, or fails and none is there.
  Result<> write(std::span<const DeadLetter> letters);
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  Result<> open();
  void append_line(std::string_view time, const DeadLetter& letter);

  Fs& fs_;
  const Clock& clock_;
  std::string directory_;
  std::string output_;
  std::string path_;
  std::unique_ptr<LineFile> file_;
  std::string lines_;  // reused
};

}  // namespace acta
