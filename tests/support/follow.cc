#include "support/follow.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace acta::test {

namespace fs = std::filesystem;

FileFollower::Settings follow_settings(std::vector<std::string> paths) {
  FileFollower::Settings settings;
  settings.name = "test";
  settings.paths = std::move(paths);
  return settings;
}

Follow::Follow(FileFollower::Settings settings, Position at, const std::vector<FileMark>& marks)
    : follower(std::move(settings), clock, fs), read_to_(at) {
  const auto opened = follower.open(at, marks);
  EXPECT_TRUE(opened) << opened.error().what;
}

Follow::Follow(std::vector<std::string> paths, Position at, const std::vector<FileMark>& marks)
    : Follow(follow_settings(std::move(paths)), at, marks) {}

FileFollower::Pulled Follow::pull() {
  batch_.clear();
  last = follower.pull(batch_, framer_);
  for (size_t i = 0; i < batch_.size(); ++i) {
    const RawItem item = batch_[i];
    EXPECT_LE(read_to_, item.begin);
    EXPECT_LT(item.begin, item.end);
    read_to_ = item.end;
    lines.push_back({.text = std::string(item.bytes),
                     .begin = item.begin,
                     .end = item.end,
                     .path = item.origin->path,
                     .fingerprint = item.origin->fingerprint,
                     .piece = item.piece});
  }
  EXPECT_EQ(batch_.end_of_input, last != FileFollower::Pulled::more);
  return last;
}

std::vector<std::string> Follow::drain() {
  constexpr int kPullsMax = 100'000;
  const size_t had = lines.size();
  int pulls = 0;
  while (pull() == FileFollower::Pulled::more && ++pulls < kPullsMax) {
  }
  EXPECT_LT(pulls, kPullsMax) << "never idle";
  std::vector<std::string> texts;
  for (size_t i = had; i < lines.size(); ++i) texts.push_back(lines[i].text);
  return texts;
}

std::vector<std::string> Follow::wait(Nanos time) {
  std::vector<std::string> texts;
  // In steps, as an agent polls: what is due after a step takes its own time again.
  for (Nanos passed = 0; passed < time; passed += kSecond / 4) {
    clock.now += kSecond / 4;
    for (std::string& text : drain()) texts.push_back(std::move(text));
  }
  return texts;
}

void append_to(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::app | std::ios::binary);
  file << bytes;
  file.flush();
  ASSERT_TRUE(file.good()) << path;
}

void rename_file(const std::string& from, const std::string& to) {
  fs::rename(from, to);
}

namespace {

void shift(const std::string& base, int kept) {
  fs::remove(base + "." + std::to_string(kept));
  for (int n = kept - 1; n >= 1; --n) {
    const std::string from = base + "." + std::to_string(n);
    if (fs::exists(from)) fs::rename(from, base + "." + std::to_string(n + 1));
  }
}

}  // namespace

void rotate(const std::string& base, int kept) {
  shift(base, kept);
  if (fs::exists(base)) fs::rename(base, base + ".1");
}

void copy_truncate(const std::string& base, int kept) {
  shift(base, kept);
  fs::copy_file(base, base + ".1");
  fs::resize_file(base, 0);
}

}  // namespace acta::test
