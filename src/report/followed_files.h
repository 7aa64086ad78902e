#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/line_reader.h"
#include "report/source.h"

namespace acta::report {

/// Documents of files that grow, as the file output writes them: from their beginnings, then what comes. next() is
/// false when all that is there was given, and may be called again for more. Files are known by inode, so that a
/// rotation gives nothing twice and loses nothing; new ones are found. Memory: a reader for each file that may still
/// grow, kGrowingMax at most. One thread.
class FollowedFiles final : public Source {
 public:
  /// Of more files, those that were changed longest ago are not looked at again.
  static constexpr size_t kGrowingMax = 64;

  /// `paths`: files and folders, as FileSource has them; standard input is refused, it ends by itself.
  static Result<std::unique_ptr<FollowedFiles>> open(Fs& fs, const std::vector<std::string>& paths);

  Result<bool> next(Document& document) override;
  [[nodiscard]] std::string name() const override { return at_ < files_.size() ? files_[at_].path : ""; }
  [[nodiscard]] std::string where() const override;
  [[nodiscard]] const Unread& unread() const override { return unread_; }

 private:
  struct Followed {
    std::string path{};
    std::pair<uint64_t, uint64_t> inode{};  ///< with its device
    int64_t mtime = 0;                      ///< at the last look
    bool there = true;                      ///< at the last look
    std::optional<LineReader> reader{};     ///< none: read, and not looked at again
  };

  FollowedFiles(Fs& fs, std::vector<std::string> paths) : fs_(fs), paths_(std::move(paths)) {}
  Result<> look(const std::vector<std::string>& found);
  Followed* known(const FileStat& stat, const std::string& path);
  Result<> add(const FileStat& stat, const std::string& path, bool read);
  void let_go();
  void passed_over(uint64_t& count, const std::string& why);

  Fs& fs_;
  const std::vector<std::string> paths_;
  std::vector<Followed> files_;  ///< in the order of reading
  size_t at_ = 0;                ///< the one being read
  bool looked_ = false;          ///< files_ are those of this round
  bool first_ = true;            ///< no round yet: all is new
  Unread unread_;
};

}  // namespace acta::report
