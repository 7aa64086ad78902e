#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/fs.h"
#include "event/json_fields.h"
#include "queue/queue.h"

namespace acta {

/// One line of a dead-letter file, as DeadLetters writes it. Views into the line, but for what had to be unescaped.
struct Letter {
  std::string id, dataset, key;
  Nanos timestamp = 0;
  std::string document;  ///< as it was sent, byte for byte
};
/// Errc::corrupt when the line is none.
Result<Letter> parse_letter(std::string_view line);

/// The letters of a dead-letter file as a reader of documents, so that a Runner can send them again. Offsets are
/// letters. How far it is done stands beside the file in `<path>.done`, so that an interrupted replay goes on from
/// there.
class LetterReader final : public Reader {
 public:
  /// Keeps a line that is no letter; when that fails, the reader fails and tries again.
  using Unreadable = std::function<Result<>(std::string_view line, std::string_view why)>;

  /// `routes`: the fields that the output routes by (Output::fields), read from the documents themselves.
  static Result<std::unique_ptr<LetterReader>> open(Fs& fs, const std::string& path, Unreadable unreadable,
                                                    std::vector<std::string> routes = {});

  Result<std::optional<Span>> next(Nanos wait) override;
  Result<> commit(Offset upto) override;
  [[nodiscard]] Offset committed() const override { return committed_; }

  /// Lines that were no letters, in this attempt.
  [[nodiscard]] uint64_t unreadable() const { return unreadable_; }
  /// Everything is read and committed.
  [[nodiscard]] bool finished() const { return at_end_ && committed_ == at_; }
  /// Where a replay of `path` keeps its place.
  static std::string place_path(const std::string& path) { return path + ".done"; }

 private:
  LetterReader(Fs& fs, std::string path, Unreadable unreadable, std::vector<std::string> routes)
      : fs_(fs), path_(std::move(path)), unreadable_line_(std::move(unreadable)), fields_(std::move(routes)) {}
  Result<> load_place();
  Result<bool> read_line(std::string& line);
  void add(const Letter& letter, Batch& batch);

  Fs& fs_;
  const std::string path_;
  const Unreadable unreadable_line_;
  JsonFields fields_;  // that the output routes by
  std::string routes_;
  std::unique_ptr<File> file_;
  std::string buffer_;      // read from the file and not yet given
  uint64_t buffer_at_ = 0;  // where it begins in the file
  Offset at_ = 0;           // letters read
  Offset committed_ = 0;
  std::deque<uint64_t> ends_;  // where each letter from committed_ on ends in the file
  uint64_t unreadable_ = 0;
  bool at_end_ = false;
};

}  // namespace acta
