// Real files, random writing, rotating, pulling and restarting: every line comes, and what is read again after a
// restart is what was read before.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "support/follow.h"
#include "support/temp_dir.h"

namespace acta::test {
namespace {

namespace fs = std::filesystem;

/// Two logs, written and rotated by the test, and the lines that were written whole.
class World {
 public:
  World() : logs_{dir_ / "a.log", dir_ / "b.log"} {}

  [[nodiscard]] std::vector<std::string> paths(bool pattern) const {
    if (pattern) return {dir_ / "*.log"};
    return {logs_[0], logs_[1]};
  }

  void write(size_t which, size_t count) {
    finish_part(which);
    std::string bytes;
    for (size_t i = 0; i < count; ++i) {
      const std::string line = "line " + std::to_string(next_++) + " of " + std::to_string(which);
      written_.insert(line);
      bytes += line + "\n";
    }
    append_to(logs_[which], bytes);
  }
  /// A line in two parts: the second comes with a later call.
  void write_part(size_t which) {
    std::string& rest = parts_[which];
    if (rest.empty()) {
      const std::string line = "long line " + std::to_string(next_++) + " in two parts";
      written_.insert(line);
      append_to(logs_[which], line.substr(0, 12));
      rest = line.substr(12) + "\n";
    } else {
      append_to(logs_[which], rest);
      rest.clear();
    }
  }
  void rename_away(size_t which) {
    finish_part(which);
    rotate(logs_[which]);
  }
  void copy_away(size_t which) {
    finish_part(which);
    if (fs::exists(logs_[which]) && fs::file_size(logs_[which]) > 0) copy_truncate(logs_[which]);
  }
  /// A late writer that still has the renamed file open.
  void write_late(size_t which) {
    const std::string path = logs_[which] + ".1";
    if (!fs::exists(path)) return;
    const std::string line = "late line " + std::to_string(next_++);
    written_.insert(line);
    append_to(path, line + "\n");
  }
  void finish_part(size_t which) {
    if (!parts_[which].empty()) write_part(which);
  }
  [[nodiscard]] const std::set<std::string>& written() const { return written_; }

 private:
  TempDir dir_;
  std::string logs_[2];
  std::string parts_[2];
  std::set<std::string> written_;
  int next_ = 0;
};

void act(World& world, Follow& follow, bool copies) {
  const auto which = *rc::gen::inRange<size_t>(0, 2);
  switch (*rc::gen::inRange(0, 9)) {
    case 0:
    case 1:
      world.write(which, *rc::gen::inRange<size_t>(1, 4));
      break;
    case 2:
      world.write_part(which);
      break;
    case 3:
      copies ? world.copy_away(which) : world.rename_away(which);
      break;
    case 4:
      if (!copies) world.write_late(which);
      break;
    case 5:
      follow.clock.now += kSecond / 4;
      break;
    case 6:
      follow.drain();
      break;
    default:
      follow.pull();
      break;
  }
}

/// After a restart at `at`: the same lines at the same positions as far as they had been read, in the same order.
void check_same_again(const std::vector<ReadLine>& before, Position at, const std::vector<ReadLine>& after) {
  size_t i = 0;
  for (const ReadLine& line : before) {
    if (line.begin < at) continue;
    if (i == after.size()) return;
    RC_ASSERT(after[i].text == line.text);
    RC_ASSERT(after[i].begin == line.begin);
    RC_ASSERT(after[i].end == line.end);
    RC_ASSERT(after[i].path == line.path);
    RC_ASSERT(after[i].fingerprint == line.fingerprint);
    ++i;
  }
}

void run_world(bool copies) {
  World world;
  const bool pattern = *rc::gen::arbitrary<bool>();
  std::map<std::string, int> read;
  Position at{};
  std::vector<FileMark> marks;
  std::vector<ReadLine> before;  // what the life before this one read
  const int lives = *rc::gen::inRange(1, 5);
  for (int life = 0; life < lives; ++life) {
    Follow follow(world.paths(pattern), at, marks);
    const auto steps = *rc::gen::inRange<size_t>(0, 60);
    for (size_t i = 0; i < steps; ++i) act(world, follow, copies);
    if (life + 1 == lives) {
      for (const size_t which : {size_t{0}, size_t{1}}) {
        world.finish_part(which);
        world.write(which, 1);
      }
      follow.wait(25 * kSecond);
    }
    check_same_again(before, at, follow.lines);
    for (const ReadLine& line : follow.lines) ++read[line.text];
    RC_ASSERT(follow.follower.counts().gaps == 0u);
    // The cursor: anywhere in what this life has read.
    before = follow.lines;
    if (before.empty()) {
      marks = follow.follower.marks(at);
    } else {
      const size_t cut = *rc::gen::inRange<size_t>(0, before.size() + 1);
      at = cut == before.size() ? follow.read_to() : before[cut].begin;
      if (*rc::gen::arbitrary<bool>()) follow.follower.safe(at);
      marks = follow.follower.marks(at);
    }
  }
  for (const std::string& line : world.written()) {
    if (read[line] == 0) RC_FAIL("lost: " + line);
  }
  for (const auto& [line, times] : read) {
    if (!world.written().contains(line)) RC_FAIL("never written: " + line);
    if (lives == 1) RC_ASSERT(times == 1);
  }
}

RC_GTEST_PROP(FileFollowerProperty, LosesNothingOverRenames, ()) {
  run_world(false);
}
RC_GTEST_PROP(FileFollowerProperty, LosesNothingOverCopies, ()) {
  run_world(true);
}

}  // namespace
}  // namespace acta::test
