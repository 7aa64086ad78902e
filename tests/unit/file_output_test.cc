#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>

#include "outputs/file.h"
#include "support/fake_clock.h"
#include "support/fake_fs.h"
#include "support/fault_fs.h"
#include "support/file_settings.h"
#include "support/inflate.h"

namespace acta {
namespace {

using test::FakeFs;
using Op = test::FaultFs::Op;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kCurrent[] = "/out/actabeat.ndjson";

class FileOutputTest : public ::testing::Test {
 protected:
  void make(const test::FileOutputSettings& settings = {}) {
    auto made = make_file_output(settings.settings(), fs_, clock_);
    ASSERT_TRUE(made) << made.error().what;
    output_ = std::move(*made);
  }
  void start(const test::FileOutputSettings& settings = {}) {
    make(settings);
    const auto done = output_->connect();
    ASSERT_TRUE(done) << done.error().what;
  }

  // Sends documents {"n":next_} … of about `bytes` bytes each.
  Attempt send(size_t count, size_t bytes = 0) {
    Batch batch;
    for (size_t i = 0; i < count; ++i) batch.add({}, document(next_ + i, bytes));
    Attempt attempt = output_->send(Docs(batch.docs()).subspan(0, count), clock_.monotonic() + kSecond);
    EXPECT_EQ(attempt.fate.size(), count);
    return attempt;
  }
  void accept(size_t count, size_t bytes = 0) {
    const Attempt attempt = send(count, bytes);
    EXPECT_THAT(attempt.fate, Each(Fate::accepted)) << attempt.why;
    next_ += count;
  }
  void refuse(size_t count, const std::string& why, size_t bytes = 0) {
    const Attempt attempt = send(count, bytes);
    EXPECT_THAT(attempt.fate, Each(Fate::retry));
    EXPECT_THAT(attempt.why, HasSubstr(why));
    EXPECT_FALSE(attempt.too_large || attempt.gone);
  }

  static std::string document(size_t n, size_t bytes = 0) {
    std::string json = "{\"n\":" + std::to_string(n);
    if (bytes > json.size() + 1) json.append(bytes - json.size() - 1, ' ');
    return json + "}";
  }
  std::string lines(size_t from, size_t to) const {
    std::string all;
    for (size_t n = from; n < to; ++n) all += document(n) + "\n";
    return all;
  }
  std::vector<std::string> files() { return disk_.list("/out").value(); }
  // All content in order of name: rotated files, then the one that is written.
  std::string everything() {
    std::string all;
    std::string current;
    for (const std::string& name : files())
      (name == "actabeat.ndjson" ? current : all) += test::inflate(name, disk_.content("/out/" + name));
    return all + current;
  }

  test::FakeClock clock_;
  FakeFs disk_{&clock_};
  test::FaultFs fs_{disk_};
  std::unique_ptr<Output> output_;
  std::mt19937_64 random_{1};
  size_t next_ = 0;
};

TEST_F(FileOutputTest, WritesALineForEachDocument) {
  start();
  accept(2);
  accept(1);
  EXPECT_EQ(disk_.content(kCurrent), lines(0, 3));
  EXPECT_THAT(files(), ElementsAre("actabeat.ndjson"));
}

TEST_F(FileOutputTest, AcceptedMeansItSurvivesACrashOfTheHost) {
  start();
  accept(1);
  accept(2);
  disk_.crash(FakeFs::Loss::everything, random_);
  EXPECT_EQ(disk_.content(kCurrent), lines(0, 3));
}

TEST_F(FileOutputTest, SyncNeverDoesNotSync) {
  start({.sync = "never"});
  const uint64_t before = disk_.syncs;
  accept(100);
  EXPECT_EQ(disk_.syncs, before);
  start({.path = "/synced"});
  const uint64_t synced = disk_.syncs;
  accept(100);
  EXPECT_EQ(disk_.syncs, synced + 1) << "once for a batch";
}

TEST_F(FileOutputTest, SendsAPartOfABatch) {
  start();
  Batch batch;
  for (size_t n = 0; n < 5; ++n) batch.add({}, document(n));
  EXPECT_THAT(output_->send(Docs(batch.docs()).subspan(1, 3), 0).fate,
              ElementsAre(Fate::accepted, Fate::accepted, Fate::accepted));
  EXPECT_THAT(output_->send(Docs(batch.docs()).subspan(2, 0), 0).fate, SizeIs(0));
  EXPECT_EQ(disk_.content(kCurrent), lines(1, 4));
}

TEST_F(FileOutputTest, WritesAndSyncsSeveralBatchesAtOnce) {
  start();
  std::vector<Batch> batches(4);
  std::vector<Doc> docs;
  for (size_t n = 0; n < 12; ++n) batches[n / 3].add({}, document(n));
  for (const Batch& batch : batches) std::ranges::copy(batch.docs(), std::back_inserter(docs));
  const uint64_t before = disk_.syncs;
  EXPECT_THAT(output_->send(docs, 0).fate, Each(Fate::accepted));
  EXPECT_EQ(disk_.syncs, before + 1);
  EXPECT_EQ(disk_.content(kCurrent), lines(0, 12));
}

TEST_F(FileOutputTest, RetriesWithoutAConnection) {
  make();
  refuse(2, "not open");
  ASSERT_TRUE(output_->connect());
  accept(2);
  ASSERT_TRUE(output_->close());
  refuse(1, "not open");
}

TEST_F(FileOutputTest, CutsOffAPartialLastLine) {
  disk_.put(kCurrent, "{\"n\":0}\n{\"n\":");
  start();
  EXPECT_EQ(disk_.content(kCurrent), "{\"n\":0}\n");
  next_ = 1;
  accept(1);
  EXPECT_EQ(disk_.content(kCurrent), lines(0, 2));
}

TEST_F(FileOutputTest, CutsOffAPartialLineOfAnyLength) {
  const std::string partial(300'000, 'x');
  disk_.put(kCurrent, lines(0, 1) + partial);
  start();
  EXPECT_EQ(disk_.content(kCurrent), lines(0, 1));
  disk_.put(kCurrent, partial);
  start();
  EXPECT_EQ(disk_.content(kCurrent), "");
}

TEST_F(FileOutputTest, TakesOutLinesWithZerosThatACrashLeft) {
  std::string content = lines(0, 40'000);
  const std::string last = lines(40'000, 40'003);
  const size_t hole = content.size();
  content += last;
  content.replace(hole + 3, document(40'000).size(), document(40'000).size(), '\0');
  disk_.put(kCurrent, content + "{\"n\":");
  start();
  EXPECT_TRUE(disk_.content(kCurrent) == lines(0, 40'000) + lines(40'002, 40'003));
}

TEST_F(FileOutputTest, ZerosWhereNoCrashCanPutThemAreLeftAlone) {
  std::string content = "{\"n\":\0}\n";
  content.assign("{\"n\":") += std::string(1, '\0') + "}\n";
  content += std::string((16u << 20) + 10, 'x') + "\n";
  disk_.put(kCurrent, content);
  start();
  EXPECT_TRUE(disk_.content(kCurrent) == content);
}

TEST_F(FileOutputTest, AFullDiskIsARetryAndLeavesNothingTorn) {
  start();
  accept(2);
  disk_.capacity = disk_.used() + document(2).size() + 4;
  refuse(3, "No space left");
  EXPECT_EQ(disk_.content(kCurrent), lines(0, 2)) << "nothing partial";
  refuse(3, "No space left");
  disk_.capacity = UINT64_MAX;
  accept(3);
  EXPECT_EQ(disk_.content(kCurrent), lines(0, 5)) << "nothing doubled";
}

TEST_F(FileOutputTest, EveryErrorIsARetryAndLeavesNothingTornOrDoubled) {
  start();
  accept(1);
  for (const int error : {EIO, ENOSPC, EDQUOT, EROFS, EACCES}) {
    for (const Op op : {Op::append, Op::sync}) {
      SCOPED_TRACE(error);
      fs_.fail(op, error);
      refuse(3, "cannot");
      accept(3);
      EXPECT_EQ(disk_.content(kCurrent), lines(0, next_));
    }
  }
}

TEST_F(FileOutputTest, WhatCouldNotBeCutBackIsCutBeforeTheNextLine) {
  start();
  accept(1);
  for (const Op broken : {Op::truncate, Op::sync}) {
    fs_.fail(Op::append, EIO);
    fs_.fail(broken, EIO, 3);
    refuse(2, "cannot");
    refuse(2, "cannot");
    ASSERT_TRUE(output_->connect()) << "as the runner does after a refusal";
    refuse(2, "cannot");
    accept(2);
    EXPECT_EQ(disk_.content(kCurrent), lines(0, next_));
  }
}

TEST_F(FileOutputTest, GoesOnInANewFileWhenTheOldOneIsTakenAway) {
  start();
  accept(1);
  ASSERT_TRUE(disk_.rename(kCurrent, "/out/taken"));
  accept(1);
  EXPECT_EQ(disk_.content("/out/taken"), lines(0, 1));
  EXPECT_EQ(disk_.content(kCurrent), lines(1, 2));
  ASSERT_TRUE(disk_.remove(kCurrent));
  ASSERT_TRUE(output_->tick(clock_.monotonic()));
  EXPECT_TRUE(disk_.exists(kCurrent));
}

TEST_F(FileOutputTest, GoesOnAfterTheFileWasCutByOthers) {
  start();
  accept(3);
  ASSERT_TRUE(disk_.open(kCurrent, OpenMode::append).value()->truncate(document(0).size() + 3));
  accept(1);
  EXPECT_EQ(disk_.content(kCurrent), lines(0, 1) + lines(3, 4));
}

TEST_F(FileOutputTest, SaysClearlyWhatIsInTheWay) {
  ASSERT_TRUE(disk_.make_dirs(kCurrent));
  make();
  auto done = output_->connect();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().what, HasSubstr("/out/actabeat.ndjson is a directory"));
  disk_.put("/file", "");
  make({.path = "/file"});
  done = output_->connect();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().what, HasSubstr("/file"));
}

TEST_F(FileOutputTest, RefusesSettingsThatCannotBe) {
  const std::pair<test::FileOutputSettings, const char*> cases[] = {
      {{.path = ""}, "path"},
      {{.filename = ""}, "filename"},
      {{.filename = "a/b"}, "filename"},
      {{.filename = ".hidden"}, "filename"},
      {{.permissions = "0400"}, "permissions"},
      {{.permissions = "1600"}, "permissions"},
      {{.permissions = "rw"}, "permissions"},
      {{.permissions = "0699"}, "permissions"},
      {{.permissions = ""}, "permissions"},
  };
  for (const auto& [settings, key] : cases) {
    const auto made = make_file_output(settings.settings(), fs_, clock_);
    ASSERT_FALSE(made) << key;
    EXPECT_EQ(made.error().code, Errc::config);
    EXPECT_THAT(made.error().what, StartsWith(key));
  }
}

TEST_F(FileOutputTest, GivesFilesTheirMode) {
  start({.rotate_every_kb = 1, .permissions = "0640", .compression = "gzip"});
  accept(20, 100);
  ASSERT_TRUE(output_->tick(clock_.monotonic()));
  ASSERT_GE(files().size(), 2u);
  for (const std::string& name : files()) EXPECT_EQ(disk_.stat("/out/" + name).value().mode & 0777u, 0640u) << name;
}

class FileRotationTest : public FileOutputTest {};

TEST_F(FileRotationTest, RotatesBySizeBetweenLines) {
  start({.rotate_every_kb = 1});
  accept(25, 100);
  accept(1, 100);
  EXPECT_THAT(files(), SizeIs(3));
  size_t n = 0;
  for (const std::string& name : files()) {
    if (name != "actabeat.ndjson") {
      EXPECT_LE(disk_.content("/out/" + name).size(), 1024u);
      EXPECT_GE(disk_.content("/out/" + name).size(), 1010u - 101u);
    }
  }
  std::string expected;
  for (; n < 26; ++n) expected += document(n, 100) + "\n";
  EXPECT_TRUE(everything() == expected);
  disk_.crash(FakeFs::Loss::everything, random_);
  EXPECT_TRUE(everything() == expected) << "rotation and new file were synced";
}

TEST_F(FileRotationTest, ADocumentLargerThanAFileGetsOneOfItsOwn) {
  start({.rotate_every_kb = 1});
  accept(1, 10);
  accept(1, 5000);
  accept(1, 10);
  EXPECT_THAT(files(), SizeIs(3));
}

TEST_F(FileRotationTest, WhatWasWrittenBeforeAFailedRotationIsAccepted) {
  start({.rotate_every_kb = 1});
  fs_.fail(Op::rename, EIO);
  const Attempt attempt = send(15, 100);
  for (size_t i = 0; i < 15; ++i) EXPECT_EQ(attempt.fate[i], i < 10 ? Fate::accepted : Fate::retry) << i;
  EXPECT_THAT(attempt.why, HasSubstr("cannot rename"));
  next_ += 10;
  accept(5, 100);
  std::string expected;
  for (size_t n = 0; n < 15; ++n) expected += document(n, 100) + "\n";
  EXPECT_TRUE(everything() == expected);
}

TEST_F(FileRotationTest, NamesSortInTheOrderOfWritingAndAreNeverUsedTwice) {
  const test::FileOutputSettings settings{.rotate_every_kb = 1};
  start(settings);
  for (int i = 0; i < 30; ++i) {
    accept(1, 1000);
    if (i % 3 == 0) clock_.advance(kSecond);
    if (i == 15) clock_.set_realtime(clock_.realtime() - 86'400 * kSecond);
    if (i % 7 == 0) start(settings);
  }
  EXPECT_THAT(files(), SizeIs(30));
  std::string expected;
  for (size_t n = 0; n < 30; ++n) expected += document(n, 1000) + "\n";
  EXPECT_TRUE(everything() == expected);
  EXPECT_THAT(files()[0], ::testing::MatchesRegex("actabeat-2026[0-9]{4}T[0-9]{6}Z-000000\\.ndjson"));
}

TEST_F(FileRotationTest, RotatesAtMultiplesOfTheIntervalAlsoOverARestart) {
  const test::FileOutputSettings settings{.rotate_interval = 3600 * kSecond};
  clock_.set_realtime(1000 * 3600 * kSecond + 3590 * kSecond);
  start(settings);
  accept(1);
  clock_.advance(5 * kSecond);
  accept(1);
  EXPECT_THAT(files(), SizeIs(1));
  clock_.advance(10 * kSecond);
  ASSERT_TRUE(output_->tick(clock_.monotonic()));
  EXPECT_THAT(files(), SizeIs(2));
  ASSERT_TRUE(output_->tick(clock_.monotonic()));
  EXPECT_THAT(files(), SizeIs(2)) << "an empty file is not rotated";
  accept(1);
  start(settings);
  clock_.advance(3600 * kSecond);
  start(settings);
  accept(1);
  EXPECT_THAT(files(), SizeIs(3));
  EXPECT_EQ(disk_.content(kCurrent), lines(3, 4));
}

TEST_F(FileRotationTest, KeepsTheNumberOfFilesToldAndOnlyItsOwn) {
  disk_.put("/out/notes.txt", "mine");
  disk_.put("/out/actabeat-old.ndjson", "mine");
  disk_.put("/out/actabeat2-20200101T000000Z-000000.ndjson", "mine");
  start({.rotate_every_kb = 1, .number_of_files = 3});
  for (int i = 0; i < 10; ++i) accept(1, 1000);
  ASSERT_TRUE(output_->tick(clock_.monotonic()));
  EXPECT_THAT(files(), SizeIs(3 + 1 + 3));
  for (const char* name : {"notes.txt", "actabeat-old.ndjson", "actabeat2-20200101T000000Z-000000.ndjson"}) {
    EXPECT_EQ(disk_.content(std::string("/out/") + name), "mine");
  }
  const std::string all = everything();
  EXPECT_THAT(all, HasSubstr(document(6, 1000)));
  EXPECT_THAT(all, ::testing::Not(HasSubstr(document(5, 1000))));
}

class FileCompressionTest : public FileOutputTest, public ::testing::WithParamInterface<const char*> {
 protected:
  [[nodiscard]] std::string ending() const { return GetParam() == std::string("gzip") ? ".ndjson.gz" : ".ndjson.zst"; }
  void fill(int count) {
    for (int i = 0; i < count; ++i) {
      expected_ += document(next_, 1000) + "\n";
      accept(1, 1000);
    }
  }
  [[nodiscard]] size_t compressed() {
    size_t count = 0;
    for (const std::string& name : files()) count += name.ends_with(ending()) ? 1 : 0;
    return count;
  }
  std::string expected_;
};
INSTANTIATE_TEST_SUITE_P(Kinds, FileCompressionTest, ::testing::Values("gzip", "zstd"),
                         [](const auto& kind) { return kind.param; });

TEST_P(FileCompressionTest, CompressesRotatedFiles) {
  start({.rotate_every_kb = 4, .compression = GetParam()});
  fill(20);
  EXPECT_EQ(compressed(), files().size() - 1);
  EXPECT_GE(compressed(), 4u);
  EXPECT_TRUE(everything() == expected_);
  disk_.crash(FakeFs::Loss::everything, random_);
  EXPECT_TRUE(everything() == expected_);
}

TEST_P(FileCompressionTest, CompressesALargeFileInParts) {
  start({.rotate_every_kb = 50 * 1024, .compression = GetParam()});
  for (int i = 0; i < 60; ++i) {
    expected_ += document(next_, 1 << 20) + "\n";
    accept(1, 1 << 20);
  }
  for (int i = 0; i < 10 && compressed() == 0; ++i) ASSERT_TRUE(output_->tick(clock_.monotonic()));
  EXPECT_EQ(compressed(), 1u);
  EXPECT_TRUE(everything() == expected_);
}

TEST_P(FileCompressionTest, FailuresKeepThePlainFileAndAreTriedAgain) {
  for (const Op op :
       {Op::open_unnamed, Op::append, Op::sync, Op::link, Op::sync_dir, Op::remove, Op::set_mode, Op::read}) {
    SCOPED_TRACE(static_cast<int>(op));
    start({.rotate_every_kb = 4});
    fill(9);
    start({.rotate_every_kb = 4, .compression = GetParam()});
    fs_.fail(op, ENOSPC);
    ASSERT_TRUE(output_->tick(clock_.monotonic()));
    EXPECT_GE(everything().size(), expected_.size()) << "nothing is missing";
    EXPECT_LT(compressed(), files().size() - 1);
    clock_.advance(61 * kSecond);
    ASSERT_TRUE(output_->tick(clock_.monotonic()));
    EXPECT_EQ(compressed(), files().size() - 1);
    EXPECT_TRUE(everything() == expected_);
  }
}

TEST_P(FileCompressionTest, APairThatACrashLeftIsOneFileAgain) {
  start({.rotate_every_kb = 4, .compression = GetParam()});
  fill(5);
  ASSERT_EQ(compressed(), 1u);
  const std::string packed = files()[0].ends_with(ending()) ? files()[0] : files()[1];
  const std::string plain = packed.substr(0, packed.size() - ending().size()) + ".ndjson";
  disk_.put("/out/" + plain, test::inflate(packed, disk_.content("/out/" + packed)));
  start({.rotate_every_kb = 4, .compression = GetParam()});
  EXPECT_FALSE(disk_.exists("/out/" + plain));
  EXPECT_TRUE(everything() == expected_);
}

TEST_P(FileCompressionTest, FilesFromBeforeAreCompressedToo) {
  start({.rotate_every_kb = 4});
  fill(20);
  EXPECT_EQ(compressed(), 0u);
  start({.rotate_every_kb = 4, .compression = GetParam()});
  ASSERT_TRUE(output_->tick(clock_.monotonic()));
  EXPECT_EQ(compressed(), files().size() - 1);
  EXPECT_TRUE(everything() == expected_);
}

TEST_P(FileCompressionTest, WithoutUnnamedFilesRotatedFilesStayPlain) {
  disk_.unnamed_files = false;
  start({.rotate_every_kb = 4, .compression = GetParam()});
  fill(20);
  ASSERT_TRUE(output_->tick(clock_.monotonic()));
  EXPECT_EQ(compressed(), 0u);
  EXPECT_TRUE(everything() == expected_);
}

}  // namespace
}  // namespace acta
