// Following files: what lies in their place, several logs at once, the end of the input.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "support/command.h"
#include "support/follow.h"
#include "support/shared.h"
#include "support/temp_dir.h"

namespace acta::test {
namespace {

using Texts = std::vector<std::string>;
namespace fs = std::filesystem;

class FileFollowing : public ::testing::Test {
 protected:
  TempDir dir_;
  const std::string log_ = dir_ / "audit.log";

  void add(const std::string& lines) const { append_to(log_, lines); }
};

TEST_F(FileFollowing, AFileThatComesLater) {
  Follow follow(Texts{dir_ / "sub/audit.log"});
  EXPECT_TRUE(follow.wait().empty());
  fs::create_directory(dir_ / "sub");
  EXPECT_TRUE(follow.wait().empty());
  append_to(dir_ / "sub/audit.log", "a\n");
  EXPECT_EQ(follow.wait(), (Texts{"a"}));
}

TEST_F(FileFollowing, InotifyTellsOfANewFileWithoutWaiting) {
  Follow follow(Texts{log_});
  follow.drain();
  ASSERT_GE(follow.follower.poll_fd(), 0);
  add("a\n");
  EXPECT_EQ(follow.drain(), (Texts{"a"})) << "no time has passed";
}

TEST_F(FileFollowing, WithoutInotifyTheLogSaysThatFilesAreLookedAt) {
  add("type=USER_LOGIN msg=audit(1700000000.000:1): pid=1\n");
  const std::string config = dir_.write("a.yml", "actabeat.inputs: [{type: audit_log, paths: ['" + log_ +
                                                     "']}]\nhost.id: h\npath.data: " + dir_ / "data" +
                                                     "\noutput.file.path: " + dir_ / "out" + "\n");
  const Ran ran =
      run_shell("unshare --user --map-root-user sh -c 'echo 0 >/proc/sys/user/max_inotify_instances || exit 77; exec " +
                program_path() + " run --once -e -c " + config + " --strict.perms=false' 2>&1");
  if (ran.output.find("unshare") != std::string::npos || ran.status == 77)
    GTEST_SKIP() << "no user namespace: " << ran.output;
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, testing::HasSubstr("no inotify (fs.inotify.max_user_instances)"));
  EXPECT_THAT(dir_.read("out/actabeat.ndjson"), testing::HasSubstr("USER_LOGIN"));
}

TEST_F(FileFollowing, ADirectoryInItsPlaceAndBack) {
  add("a\n");
  Follow follow(Texts{log_});
  follow.drain();
  add("b\n");
  fs::remove(log_);
  fs::create_directory(log_);
  EXPECT_EQ(follow.wait(), (Texts{"b"})) << "by the open descriptor";
  fs::remove(log_);
  add("c\n");
  EXPECT_EQ(follow.wait(2 * kSecond), (Texts{"c"}));
}

TEST_F(FileFollowing, ALoopOfLinksInItsPlaceAndBack) {
  fs::create_symlink(log_, log_);
  Follow follow(Texts{log_});
  EXPECT_TRUE(follow.wait().empty());
  fs::remove(log_);
  add("a\n");
  EXPECT_EQ(follow.wait(), (Texts{"a"}));
}

TEST_F(FileFollowing, FifosAndDevicesAreNotOpened) {
  ASSERT_EQ(::mkfifo(log_.c_str(), 0600), 0);
  fs::create_symlink("/dev/zero", dir_ / "audit.log.1");
  Follow follow(Texts{log_});
  EXPECT_TRUE(follow.wait().empty());
  fs::remove(log_);
  add("a\n");
  EXPECT_EQ(follow.wait(), (Texts{"a"}));
}

TEST_F(FileFollowing, ThroughALinkToAnotherFolder) {
  fs::create_directory(dir_ / "real");
  append_to(dir_ / "real/log", "a\n");
  fs::create_symlink(dir_ / "real/log", log_);
  Follow follow(Texts{log_});
  EXPECT_EQ(follow.drain(), (Texts{"a"}));
  append_to(dir_ / "real/log", "b\n");
  EXPECT_EQ(follow.drain(), (Texts{"b"}));
}

TEST_F(FileFollowing, FromTheNewest) {
  dir_.write("audit.log.1", "a\n");
  add("b\npart");
  auto settings = follow_settings({log_});
  settings.from_newest = true;
  Follow follow(settings);
  EXPECT_TRUE(follow.wait().empty());
  const auto marks = follow.marks();
  add(" of c\n");
  EXPECT_EQ(follow.wait(), (Texts{"part of c"}));

  Follow again(settings, {}, marks);  // nothing had been read at all
  EXPECT_EQ(again.wait(), (Texts{"part of c"}));
}

TEST_F(FileFollowing, WithoutRotatedFiles) {
  dir_.write("audit.log.1", "a\n");
  add("b\n");
  auto settings = follow_settings({log_});
  settings.include_rotated = false;
  Follow follow(settings);
  EXPECT_EQ(follow.drain(), (Texts{"b"}));
  add("c\n");
  rotate(log_);
  add("d\n");
  EXPECT_EQ(follow.wait(), (Texts{"c", "d"})) << "what was renamed is still drained";
}

TEST_F(FileFollowing, StopsAtTheEnd) {
  dir_.write("audit.log.1", "a\nend of 1");
  add("b\r\n\n\nend");
  auto settings = follow_settings({log_});
  settings.stop_at_end = true;
  Follow follow(settings);
  EXPECT_EQ(follow.drain(), (Texts{"a", "end of 1", "b", "end"}));
  EXPECT_EQ(follow.last, FileFollower::Pulled::done);

  Follow again(settings, follow.read_to(), follow.marks());
  EXPECT_TRUE(again.drain().empty());
  EXPECT_EQ(again.last, FileFollower::Pulled::done);
}

TEST_F(FileFollowing, AFileWithoutAnyLineEndIsOneRecordAtTheEnd) {
  add("just this");
  auto settings = follow_settings({log_});
  settings.stop_at_end = true;
  Follow follow(settings);
  EXPECT_EQ(follow.drain(), (Texts{"just this"}));
  Follow again(settings, follow.read_to(), follow.marks());
  EXPECT_TRUE(again.drain().empty());
  add(" and that\n");
  Follow grown(settings, follow.read_to(), follow.marks());
  EXPECT_EQ(grown.drain(), (Texts{"just this and that"})) << "it is another file now: read whole";
}

TEST_F(FileFollowing, EndsWithoutFiles) {
  auto settings = follow_settings({log_, dir_ / "*.log"});
  settings.stop_at_end = true;
  Follow follow(settings);
  EXPECT_TRUE(follow.drain().empty());
  EXPECT_EQ(follow.last, FileFollower::Pulled::done);
}

TEST_F(FileFollowing, ListedRotatedFilesAreOneLog) {
  dir_.write("audit.log.2", "a\n");
  dir_.write("audit.log.1", "b\n");
  add("c\n");
  for (const Texts& paths :
       {Texts{log_, log_ + ".1", log_ + ".2"}, Texts{log_ + ".1", log_ + ".2", log_}, Texts{log_ + "*"}}) {
    Follow follow(paths);
    EXPECT_EQ(follow.wait(3 * kSecond), (Texts{"a", "b", "c"})) << paths[0];
  }
  Follow only_rotated(Texts{log_ + ".1", log_ + ".2"});
  EXPECT_EQ(only_rotated.wait(3 * kSecond), (Texts{"a", "b"}));
  Follow one(Texts{log_ + ".1"});
  EXPECT_EQ(one.drain(), (Texts{"b"}));
}

TEST_F(FileFollowing, SeveralLogsInTurnsAndLaterMatches) {
  std::string many;
  for (int i = 0; i < 150'000; ++i) many += "a line of the first log, number " + std::to_string(i) + "\n";
  dir_.write("a.log", many);
  dir_.write("b.log", "b\n");
  Follow follow(Texts{dir_ / "*.log"});
  const Texts all = follow.drain();
  ASSERT_EQ(all.size(), 150'001u);
  const auto b = std::find(all.begin(), all.end(), "b");
  EXPECT_LT(b - all.begin(), 100'000) << "the second log does not wait for the end of the first";
  dir_.write("c.log", "c\n");
  EXPECT_EQ(follow.wait(2 * kSecond), (Texts{"c"}));
}

TEST_F(FileFollowing, SeveralLogsAreReadAgainInTheSameOrder) {
  const std::string other = dir_ / "other.log";
  Follow before(Texts{log_, other});
  for (int i = 0; i < 5; ++i) {
    add("a" + std::to_string(i) + "\n");
    before.wait();
    append_to(other, "b" + std::to_string(i) + "\n");
    before.wait();
  }
  ASSERT_EQ(before.lines.size(), 10u);
  for (size_t from = 0; from < before.lines.size(); ++from) {
    const Position at = before.lines[from].begin;
    Follow after(Texts{log_, other}, at, before.follower.marks(at));
    after.wait();
    ASSERT_EQ(after.lines.size(), before.lines.size() - from);
    for (size_t i = from; i < before.lines.size(); ++i) EXPECT_EQ(after.lines[i - from], before.lines[i]);
  }
}

TEST_F(FileFollowing, ALogWhoseFolderIsAwayIsRememberedUntilItIsBack) {
  fs::create_directory(dir_ / "mount");
  append_to(dir_ / "mount/a.log", "a\n");
  Follow before(Texts{dir_ / "mount/*.log"});
  EXPECT_EQ(before.drain(), (Texts{"a"}));
  fs::rename(dir_ / "mount", dir_ / "away");
  Follow without(Texts{dir_ / "mount/*.log"}, before.read_to(), before.marks());
  EXPECT_TRUE(without.wait().empty());
  fs::rename(dir_ / "away", dir_ / "mount");
  EXPECT_TRUE(without.wait(2 * kSecond).empty());
  append_to(dir_ / "mount/a.log", "b\n");
  EXPECT_EQ(without.wait(2 * kSecond), (Texts{"b"}));
}

TEST_F(FileFollowing, LinesLongerThanAnyRecordComeInPieces) {
  constexpr size_t kLong = 3 * Framer::kRecordBytesMax + 1000;
  add("a\n" + std::string(kLong, 'x') + "\nb\n");
  Follow follow(Texts{log_});
  follow.drain();
  ASSERT_EQ(follow.lines.size(), 6u);
  size_t bytes = 0;
  for (size_t i = 1; i < 5; ++i) {
    EXPECT_TRUE(follow.lines[i].piece);
    bytes += follow.lines[i].text.size();
  }
  EXPECT_EQ(bytes, kLong);
  EXPECT_EQ(follow.lines[5].text, "b");
  EXPECT_FALSE(follow.lines[5].piece);

  const Position at = follow.lines[2].begin;  // in the middle of the line
  Follow again(Texts{log_}, at, follow.follower.marks(at));
  again.drain();
  ASSERT_EQ(again.lines.size(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(again.lines[i], follow.lines[i + 2]);
}

TEST_F(FileFollowing, LinesJustWithinTheLimitAreWhole) {
  add("a\n" + std::string(Framer::kRecordBytesMax - 1, 'x') + "\nb\n");
  Follow follow(Texts{log_});
  follow.drain();
  ASSERT_EQ(follow.lines.size(), 3u);
  EXPECT_FALSE(follow.lines[1].piece);
  EXPECT_EQ(follow.lines[1].text.size(), Framer::kRecordBytesMax - 1);
}

TEST_F(FileFollowing, NoPathsIsAnError) {
  HandClock clock;
  PosixFs fs;
  FileFollower follower(follow_settings({}), clock, fs);
  EXPECT_FALSE(follower.open({}, {}));
}

}  // namespace
}  // namespace acta::test
