#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "report/line_reader.h"
#include "report/source.h"

namespace acta::report {

/// The files that `paths` name: files, folders (their files *.ndjson, *.ndjson.gz, *.ndjson.zst by name, which is the
/// order in which the file output wrote them), and "-" for standard input. Fails when one is not there or a folder has
/// no such file.
Result<std::vector<std::string>> document_files(Fs& fs, const std::vector<std::string>& paths);

/// Documents of files, one a line, plain, gzip or zstd, each file from its beginning to its end. What cannot be read (a
/// line that is no JSON object, a damaged file) is named with file and offset in the log, the first few times, and
/// counted. Memory: a line and some hundred kilobytes.
class FileSource final : public Source {
 public:
  /// So many unreadable places are named one by one; the rest is only counted.
  static constexpr uint64_t kNamedMax = 5;

  /// `paths`: see document_files().
  static Result<std::unique_ptr<FileSource>> open(Fs& fs, const std::vector<std::string>& paths);

  Result<bool> next(Document& document) override;
  [[nodiscard]] std::string name() const override { return opened_ == 0 ? "" : files_[opened_ - 1]; }
  [[nodiscard]] std::string where() const override;
  [[nodiscard]] const Unread& unread() const override { return unread_; }

 private:
  FileSource(Fs& fs, std::vector<std::string> files) : fs_(fs), files_(std::move(files)) {}
  Result<> open_next();
  void passed_over(uint64_t& count, const std::string& why);

  Fs& fs_;
  std::vector<std::string> files_;
  size_t opened_ = 0;
  std::optional<LineReader> reader_;
  Unread unread_;
};

}  // namespace acta::report
