#pragma once
#include <string>
#include <vector>

#include "base/clock.h"
#include "event/raw.h"
#include "sys/file_follower.h"
#include "sys/line_framer.h"

namespace acta::test {

/// Monotonic time by hand, real time from the host: files have the host's times.
class HandClock final : public Clock {
 public:
  [[nodiscard]] Nanos monotonic() const override { return now; }
  [[nodiscard]] Nanos realtime() const override { return SystemClock().realtime(); }
  Nanos now = kSecond;
};

/// A line as it was read.
struct ReadLine {
  std::string text;
  Position begin, end;
  std::string path, fingerprint;
  bool piece = false;
  bool operator==(const ReadLine&) const = default;
};

/// A file follower that reads lines, and all that it gave. Positions that do not grow fail the test.
class Follow {
 public:
  explicit Follow(FileFollower::Settings settings, Position at = {}, const std::vector<FileMark>& marks = {});
  explicit Follow(std::vector<std::string> paths, Position at = {}, const std::vector<FileMark>& marks = {});

  /// Pulls once; returns what pull said.
  FileFollower::Pulled pull();
  /// Pulls until there is nothing more, and returns the texts read by it.
  std::vector<std::string> drain();
  /// Lets time pass, then drains.
  std::vector<std::string> wait(Nanos time = kSecond);

  /// Where a restart would begin when all that was read is safe.
  [[nodiscard]] Position read_to() const { return read_to_; }
  [[nodiscard]] std::vector<FileMark> marks() const { return follower.marks(read_to_); }

  HandClock clock;
  PosixFs fs;
  FileFollower follower;
  FileFollower::Pulled last = FileFollower::Pulled::more;
  std::vector<ReadLine> lines;

 private:
  LineFramer framer_{0};
  RawBatch batch_;
  Position read_to_;
};

/// Settings with defaults.
FileFollower::Settings follow_settings(std::vector<std::string> paths);

/// Adds to a file, made when missing.
void append_to(const std::string& path, const std::string& bytes);
void rename_file(const std::string& from, const std::string& to);
/// auditd's and savelog's way: base.N-1 -> base.N … base -> base.1.
void rotate(const std::string& base, int kept = 20);
/// logrotate's copytruncate.
void copy_truncate(const std::string& base, int kept = 20);

}  // namespace acta::test
