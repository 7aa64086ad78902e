#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spool/disk_queue.h"
#include "support/fake_clock.h"
#include "support/fake_fs.h"
#include "support/fault_fs.h"
#include "support/random.h"
#include "support/tamper_fs.h"

namespace acta::model {

/// A bug put into the disk queue from outside. None by default.
struct SpoolBugs {
  test::TamperFs::Change write{};  ///< what is written instead
  Offset commits_beyond = 0;       ///< off-by-one commits
};

/// The mark that forged frames in documents bear.
inline constexpr spool::Mark kForgedMark = 0x4d4d4d4d4d4d4d4d;

/// The disk queue against a model of it, which is the list of what was appended: random appends, syncs, reads and
/// commits of several readers, crashes at any call of the file system that lose what was not synced in any order,
/// damage, restarts with other readers. The same seed is the same story.
class SpoolWorld {
 public:
  explicit SpoolWorld(uint64_t seed, SpoolBugs bugs = {});
  /// Runs it all; returns what was not as it must be, empty when all was.
  std::vector<std::string> run();

 private:
  struct Reading {
    std::unique_ptr<Reader> reader;
    Offset at = 0;         // of the next document
    Offset committed = 0;  // in memory
    Offset saved = 0;      // at least this is in its file
    bool known = false;    // its file is there for certain
    Nanos present_at = 0;  // when a sync last saw it configured
    uint64_t gaps = 0;     // documents that it did not get since the opening
  };

  DiskOptions options();
  bool open();
  void choose_readers();
  void act();
  void append();
  void sync();
  void read(const std::string& name, Reading& reading);
  void commit(Reading& reading);
  void take(Reading& reading, const std::string& name, const Span& span);
  void check_missed(const Reading& reading, const std::string& name);
  void check_place(const std::string& name, Reading& reading);
  void crash();
  void damage();
  void recovered(bool host);
  void finish();
  void problem(std::string what);
  [[nodiscard]] bool dead() const { return faults_.calls_left == 0u; }
  [[nodiscard]] bool may_skip() const { return gives_up_ || damaged_ || unpromised_; }

  test::Random random_;
  const SpoolBugs bugs_;
  test::FakeClock clock_;
  test::FakeFs disk_{&clock_};
  test::TamperFs tampered_;
  test::FaultFs faults_;
  bool gives_up_ = false;  // the options let the queue give documents up
  DiskOptions options_;
  std::unique_ptr<DiskQueue> queue_;

  std::deque<std::string> log_;  // id of the document at each offset; "" where nobody knows
  Offset safe_ = 0;              // what the queue has promised
  bool vouched_ = true;          // false when the last documents may be lost and the next recovery need not know them
  std::map<std::string, Reading> readers_;
  uint64_t documents_ = 0;
  bool damages_ = false;  // files are changed under it
  bool damaged_ = false;
  bool unpromised_ = false;  // sync: never, and the host crashed
  std::vector<std::string> problems_;
};

}  // namespace acta::model
