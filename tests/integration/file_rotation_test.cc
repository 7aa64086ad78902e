// Following real files over every kind of rotation.
#include <gtest/gtest.h>

#include <filesystem>

#include "support/follow.h"
#include "support/temp_dir.h"

namespace acta::test {
namespace {

using Texts = std::vector<std::string>;
namespace fs = std::filesystem;

class FileRotation : public ::testing::Test {
 protected:
  TempDir dir_;
  const std::string log_ = dir_ / "audit.log";

  void add(const std::string& lines) const { append_to(log_, lines); }
};

TEST_F(FileRotation, ReadsOldestFirstAtTheFirstStart) {
  dir_.write("audit.log.10", "a\n");
  dir_.write("audit.log.9", "b\n");
  dir_.write("audit.log.2", "c\n");
  dir_.write("audit.log.1", "d\n");
  dir_.write("audit.log", "e\nf\n");
  dir_.write("audit.log.11.gz", "\x1f\x8b\n");
  dir_.write("audit.log.old", "no\n");
  dir_.write("audit.logs", "no\n");
  Follow follow(Texts{log_});
  EXPECT_EQ(follow.wait(5 * kSecond), (Texts{"a", "b", "c", "d", "e", "f"}));
  EXPECT_EQ(follow.lines[0].begin.file, 1u);
  EXPECT_EQ(follow.lines[5].begin.file, 5u);
  for (const ReadLine& line : follow.lines) EXPECT_EQ(line.path, log_) << "stable over rotation";
}

TEST_F(FileRotation, OrdersDatedNames) {
  dir_.write("pacct-20261122", "b\n");
  dir_.write("pacct-20261121", "a\n");
  dir_.write("pacct", "c\n");
  Follow follow(Texts{dir_ / "pacct"});
  EXPECT_EQ(follow.wait(5 * kSecond), (Texts{"a", "b", "c"}));
}

TEST_F(FileRotation, ReadsWhatIsAppended) {
  add("a\n");
  Follow follow(Texts{log_});
  EXPECT_EQ(follow.drain(), (Texts{"a"}));
  EXPECT_EQ(follow.last, FileFollower::Pulled::idle);
  EXPECT_TRUE(follow.drain().empty());
  add("b\nc\n");
  EXPECT_EQ(follow.drain(), (Texts{"b", "c"}));
  EXPECT_EQ(follow.lines.back().begin, (Position{1, 4}));
}

TEST_F(FileRotation, GivesALineWhenItsEndComes) {
  add("first\n");
  Follow follow(Texts{log_});
  follow.drain();
  const std::string line = "type=SYSCALL msg=audit(1.2:3): a\n";
  for (size_t i = 0; i < line.size(); ++i) {
    EXPECT_TRUE(follow.drain().empty());
    add(line.substr(i, 1));
  }
  EXPECT_EQ(follow.drain(), (Texts{line.substr(0, line.size() - 1)}));
}

TEST_F(FileRotation, AFirstLineWithoutEndWaits) {
  add("fir");
  Follow follow(Texts{log_});
  EXPECT_TRUE(follow.wait().empty());
  add("st\n");
  EXPECT_EQ(follow.drain(), (Texts{"first"}));
}

TEST_F(FileRotation, DrainsARenamedFileBeforeTheNext) {
  add("a\n");
  Follow follow(Texts{log_});
  follow.drain();
  add("b\n");
  rotate(log_);
  add("d\n");
  append_to(log_ + ".1", "c\n");  // a late write
  EXPECT_EQ(follow.wait(), (Texts{"b", "c", "d"}));
}

TEST_F(FileRotation, WaitsAMomentForLateWrites) {
  add("a\n");
  Follow follow(Texts{log_});
  follow.drain();
  rotate(log_);
  add("c\n");
  EXPECT_TRUE(follow.drain().empty());
  append_to(log_ + ".1", "b\n");
  EXPECT_EQ(follow.drain(), (Texts{"b"}));
  EXPECT_EQ(follow.wait(), (Texts{"c"}));
}

TEST_F(FileRotation, ReadsWhatLandsInAFileAfterItWasPassed) {
  add("a\n");
  Follow follow(Texts{log_});
  follow.drain();
  rotate(log_);
  add("b\n");
  EXPECT_EQ(follow.wait(), (Texts{"b"}));
  append_to(log_ + ".1", "late\n");
  EXPECT_EQ(follow.wait(2 * kSecond), (Texts{"late"}));
  add("c\n");
  EXPECT_EQ(follow.drain(), (Texts{"c"}));
}

TEST_F(FileRotation, GivesTheRestOfARenamedFile) {
  add("a\n");
  Follow follow(Texts{log_});
  follow.drain();
  add("torn");
  rotate(log_);
  add("b\n");
  EXPECT_EQ(follow.wait(2 * kSecond), (Texts{"torn", "b"}));
}

TEST_F(FileRotation, SeveralRotationsBetweenTwoLooks) {
  add("a\n");
  Follow follow(Texts{log_});
  follow.drain();
  for (const char* lines : {"c\n", "d\n", "e\n"}) {
    rotate(log_);
    add(lines);
  }
  append_to(log_ + ".3", "b\n");
  EXPECT_EQ(follow.wait(3 * kSecond), (Texts{"b", "c", "d", "e"}));
}

TEST_F(FileRotation, ThreeRotationsWhileStopped) {
  add("a\nb\n");
  Follow before(Texts{log_});
  before.drain();
  add("c\n");
  for (const char* lines : {"d\n", "e\n", "f\n"}) {
    rotate(log_);
    add(lines);
  }
  Follow after(Texts{log_}, before.read_to(), before.marks());
  EXPECT_EQ(after.wait(3 * kSecond), (Texts{"c", "d", "e", "f"}));
  EXPECT_EQ(after.lines[0].begin, (Position{1, 4})) << "the same run goes on";
  EXPECT_EQ(after.follower.counts().gaps, 0u);
}

TEST_F(FileRotation, ReadsAgainFromTheCursorWithTheSamePositions) {
  add("a\nb\nc\n");
  Follow before(Texts{log_});
  before.drain();
  rotate(log_);
  add("d\n");
  before.wait();
  const auto marks = before.follower.marks({1, 2});
  rotate(log_);
  add("e\n");
  Follow after(Texts{log_}, {1, 2}, marks);
  EXPECT_EQ(after.wait(2 * kSecond), (Texts{"b", "c", "d", "e"}));
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(after.lines[i], before.lines[i + 1]);
}

// Where nobody tells of renames, names are those of the last look around.
TEST_F(FileRotation, ARotationAfterTheStartHidesNothingThatIsReadAgain) {
  add("a\nb\nc\n");
  Follow before(Texts{log_});
  before.drain();
  const auto marks = before.follower.marks({1, 2});
  auto settings = test::follow_settings({log_});
  settings.watch = false;
  Follow after(settings, {1, 2}, marks);
  rotate(log_);
  add("d\n");
  EXPECT_EQ(after.wait(3 * kSecond), (Texts{"b", "c", "d"}));
  EXPECT_EQ(after.follower.counts().gaps, 0u);
}

TEST_F(FileRotation, CopyTruncateLosesNothingThatWasCopied) {
  add("a\n");
  Follow follow(Texts{log_});
  follow.drain();
  add("b\n");
  copy_truncate(log_);
  EXPECT_EQ(follow.drain(), (Texts{"b"}));
  add("c\n");
  EXPECT_EQ(follow.wait(), (Texts{"c"}));
  EXPECT_EQ(follow.follower.counts().truncated, 1u);
  EXPECT_EQ(follow.follower.counts().gaps, 0u);
}

TEST_F(FileRotation, CopyTruncateRegrownPastTheOldOffset) {
  add("aaa\n");
  Follow follow(Texts{log_});
  follow.drain();
  add("bbb\n");
  copy_truncate(log_);
  add("ccc\nddd\neee\n");
  EXPECT_EQ(follow.wait(2 * kSecond), (Texts{"bbb", "ccc", "ddd", "eee"}));
}

TEST_F(FileRotation, CopyTruncateWhileStoppedAndRegrown) {
  add("aaa\n");
  Follow before(Texts{log_});
  before.drain();
  add("bbb\n");
  copy_truncate(log_);
  add("ccc\nddd\neee\n");
  Follow after(Texts{log_}, before.read_to(), before.marks());
  EXPECT_EQ(after.wait(2 * kSecond), (Texts{"bbb", "ccc", "ddd", "eee"}));
  EXPECT_EQ(after.follower.counts().gaps, 0u);
}

TEST_F(FileRotation, ACopyThatIsBeingMadeIsNotReadTwice) {
  add("a\nb\n");
  Follow follow(Texts{log_});
  follow.drain();
  fs::copy_file(log_, log_ + ".1");
  EXPECT_TRUE(follow.wait(2 * kSecond).empty());
  add("c\n");
  EXPECT_EQ(follow.drain(), (Texts{"c"}));
}

TEST_F(FileRotation, TruncatedToNothing) {
  add("a\n");
  Follow follow(Texts{log_});
  follow.drain();
  fs::resize_file(log_, 0);
  EXPECT_TRUE(follow.drain().empty());
  EXPECT_EQ(follow.follower.counts().truncated, 1u);
  add("b\n");
  EXPECT_EQ(follow.wait(), (Texts{"b"}));
  EXPECT_EQ(follow.follower.counts().gaps, 0u) << "nothing is known to be lost";
}

TEST_F(FileRotation, TruncatedWithALineThatWasSeenInPart) {
  add("a\npart");
  Follow follow(Texts{log_});
  follow.drain();
  fs::resize_file(log_, 0);
  follow.wait();
  EXPECT_EQ(follow.follower.counts().gaps, 1u);
}

TEST_F(FileRotation, AReusedInodeIsAnotherFile) {
  add("old line\n");
  Follow before(Texts{log_});
  before.drain();
  // The same inode with another content: what remains of a delete and create on file systems that reuse inodes at once.
  fs::resize_file(log_, 0);
  add("new line\n");
  add("more\n");
  Follow after(Texts{log_}, before.read_to(), before.marks());
  EXPECT_EQ(after.wait(), (Texts{"new line", "more"}));
  EXPECT_EQ(after.follower.counts().gaps, 1u) << "what came into the old one is not known";
}

TEST_F(FileRotation, DeletedAndMadeAnewWhileRunning) {
  add("a\n");
  Follow follow(Texts{log_});
  follow.drain();
  add("b\n");
  fs::remove(log_);
  add("c\n");
  EXPECT_EQ(follow.wait(2 * kSecond), (Texts{"b", "c"}));
  EXPECT_EQ(follow.follower.counts().gaps, 0u);
}

TEST_F(FileRotation, DeletedWhileStopped) {
  add("a\n");
  Follow before(Texts{log_});
  before.drain();
  rotate(log_, 2);
  add("b\n");
  rotate(log_, 2);
  add("c\n");
  rotate(log_, 2);
  add("d\n");  // a is gone now
  Follow after(Texts{log_}, before.read_to(), before.marks());
  EXPECT_EQ(after.follower.counts().gaps, 1u);
  EXPECT_EQ(after.wait(2 * kSecond), (Texts{"b", "c", "d"}));
}

TEST_F(FileRotation, AWaitingFileThatIsDeletedIsStillRead) {
  dir_.write("audit.log.1", "a\n");
  add("b\n");
  Follow follow(Texts{log_});
  fs::remove(log_ + ".1");
  EXPECT_EQ(follow.wait(2 * kSecond), (Texts{"a", "b"}));
}

TEST_F(FileRotation, AFileThatIsDeletedBeforeItsTurnIsAGap) {
  for (int n = 60; n >= 1; --n) dir_.write("audit.log." + std::to_string(n), std::to_string(n) + "\n");
  Follow follow(Texts{log_});
  fs::remove(log_ + ".2");  // so far behind that it is not held open
  EXPECT_EQ(follow.wait(3 * kSecond).size(), 59u);
  EXPECT_EQ(follow.follower.counts().gaps, 1u);
}

TEST_F(FileRotation, FilesReadBeforeAreNotReadAgain) {
  for (const char* lines : {"a\n", "b\n", "c\n"}) {
    rotate(log_);
    add(lines);
  }
  Follow before(Texts{log_});
  EXPECT_EQ(before.wait(3 * kSecond).size(), 3u);
  before.follower.safe(before.read_to());
  const auto marks = before.marks();
  EXPECT_EQ(marks.size(), 3u);
  fs::remove(log_);
  add("d\n");
  Follow after(Texts{log_}, before.read_to(), marks);
  EXPECT_EQ(after.wait(2 * kSecond), (Texts{"d"}));
  EXPECT_EQ(after.follower.counts().gaps, 1u);
}

TEST_F(FileRotation, WhatIsKnownStaysBounded) {
  add("line 0\n");
  Follow follow(Texts{log_});
  follow.drain();
  for (int i = 1; i < 200; ++i) {
    rotate(log_, 3);
    add("line " + std::to_string(i) + "\n");
    follow.wait();
    follow.follower.safe(follow.read_to());
  }
  follow.wait(120 * kSecond);
  follow.follower.safe(follow.read_to());
  EXPECT_EQ(follow.lines.size(), 200u);
  EXPECT_LE(follow.marks().size(), 40u);
}

}  // namespace
}  // namespace acta::test
