// The pacct input on real files: what it gives, over torn ends, rotation, truncation and restarts.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include "inputs/input.h"
#include "processors/accounting/decoder.h"
#include "processors/accounting/record.h"
#include "support/acct_writer.h"
#include "support/collect_sink.h"
#include "support/follow.h"
#include "support/temp_dir.h"

namespace acta::test {
namespace {

using Names = std::vector<std::string>;

std::string record(const std::string& name, int version = 3, bool big_endian = false) {
  static uint32_t pid = 1000;
  AcctFields f;
  f.uid = 1000;
  f.pid = ++pid;
  f.parent = 1;
  f.memory = 2364;
  f.minor_faults = 100;
  f.name = name;
  return write_acct(f, version, big_endian);
}

/// One life of the input: what it gave, as the names of records, and "<n>" for pieces of n bytes.
class Reader {
 public:
  explicit Reader(const std::string& path, const Cursor& cursor = {}, bool once = false,
                  const std::string& from = "oldest") {
    const Component<Input>* component = Registry<Input>::find("pacct");
    EXPECT_NE(component, nullptr);
    auto settings =
        make_settings(component->options, {{"paths", "[\"" + path + "\"]"}, {"from", from}, {"poll_interval", "20ms"}});
    EXPECT_TRUE(settings) << settings.error().what;
    input_ = std::move(*component->make(*settings));
    if (once) input_->stop_at_end();
    const auto opened = input_->open(4, cursor);
    EXPECT_TRUE(opened) << opened.error().what;
    services_.users = users_.get();
    services_.host_id = "h";
    decoder_ = accounting::make_decoder(services_, {});
  }

  /// Pulls until `count` items came in all, or time is up.
  const Names& wait(size_t count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (names.size() < count && std::chrono::steady_clock::now() < end) pull_or_sleep();
    return names;
  }
  /// Pulls for a while: for what must not come.
  const Names& stay() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
    while (std::chrono::steady_clock::now() < end) pull_or_sleep();
    return names;
  }
  Pull pull() {
    RawBatch batch;
    const auto pulled = input_->pull(batch);
    EXPECT_TRUE(pulled) << pulled.error().what;
    for (size_t i = 0; i < batch.size(); ++i) take(batch[i]);
    return *pulled;
  }
  [[nodiscard]] Cursor cursor() const { return {.at = at, .read_to = at, .files = input_->marks(at), .skip = {}}; }
  Input& input() { return *input_; }

  Names names;
  CollectSink sink;
  Position at;

 private:
  void take(const RawItem& item) {
    EXPECT_EQ(item.kind, RawKind::accounting_record);
    EXPECT_EQ(item.source, 4);
    EXPECT_GE(item.begin, at);
    EXPECT_GT(item.end, item.begin);
    at = item.end;
    const auto read = item.piece ? std::nullopt : accounting::decode(item.bytes, 100);
    names.push_back(read ? std::string(read->name) : "<" + std::to_string(item.bytes.size()) + ">");
    decoder_->feed(item, 0, sink);
  }
  void pull_or_sleep() {
    if (pull() != Pull::more) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  std::unique_ptr<Input> input_;
  std::unique_ptr<UserDb> users_ = UserDb::empty();
  Services services_;
  std::unique_ptr<Decoder> decoder_;
};

class PacctInput : public testing::Test {
 protected:
  void add(const std::string& bytes) const { append_to(pacct_, bytes); }
  TempDir dir_;
  const std::string pacct_ = dir_ / "pacct";
};

TEST_F(PacctInput, ReadsWholeRecordsOfMixedVersions) {
  add(record("a") + record("b", 2) + record("c", 1) + record("d", 3, true) + record("e", 0));
  Reader reader(pacct_, {}, true);
  EXPECT_EQ(reader.wait(5), (Names{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(reader.pull(), Pull::done);
  EXPECT_EQ(reader.input().counts().records, 5u);
  EXPECT_TRUE(reader.input().can_wait());
}

TEST_F(PacctInput, ATornLastRecordWaits) {
  const std::string torn = record("b");
  add(record("a") + torn.substr(0, 30));
  Reader reader(pacct_);
  EXPECT_EQ(reader.wait(1), (Names{"a"}));
  EXPECT_EQ(reader.stay(), (Names{"a"}));
  add(torn.substr(30) + record("c"));
  EXPECT_EQ(reader.wait(3), (Names{"a", "b", "c"}));
}

TEST_F(PacctInput, ATornLastRecordOfARotatedFileIsReported) {
  add(record("a") + record("lost").substr(0, 30));
  Reader reader(pacct_);
  reader.wait(1);
  rotate(pacct_);
  add(record("b"));
  EXPECT_EQ(reader.wait(3), (Names{"a", "<30>", "b"}));
  EXPECT_NE(reader.sink.documents[1].find("\"kind\":\"pipeline_error\""), std::string::npos);
}

TEST_F(PacctInput, ASizeThatIsNoMultipleWithOnce) {
  add(record("a") + record("b").substr(0, 1));
  Reader reader(pacct_, {}, true);
  EXPECT_EQ(reader.wait(2), (Names{"a", "<1>"}));
  EXPECT_EQ(reader.pull(), Pull::done);
}

TEST_F(PacctInput, FindsTheRecordsAfterAShortWrite) {
  add(record("a") + record("torn").substr(0, 41) + record("b") + record("c"));
  Reader reader(pacct_);
  EXPECT_EQ(reader.wait(4), (Names{"a", "<41>", "b", "c"}));
}

TEST_F(PacctInput, LateRecordsOfTheRenamedFileComeFirst) {
  add(record("a"));
  Reader reader(pacct_);
  reader.wait(1);
  std::filesystem::rename(pacct_, pacct_ + ".0");  // savelog
  append_to(pacct_ + ".0", record("late"));        // before accounting is switched
  add(record("b"));
  EXPECT_EQ(reader.wait(3), (Names{"a", "late", "b"}));
  append_to(pacct_ + ".0", record("later"));
  add(record("c"));
  reader.wait(5);
  EXPECT_EQ(std::set<std::string>(reader.names.begin(), reader.names.end()),
            (std::set<std::string>{"a", "late", "b", "later", "c"}));
}

TEST_F(PacctInput, AFileCutToNothingIsReadFromItsNewStart) {
  add(record("a") + record("b"));
  Reader reader(pacct_);
  reader.wait(2);
  std::filesystem::resize_file(pacct_, 0);
  reader.stay();
  add(record("c"));
  EXPECT_EQ(reader.wait(3), (Names{"a", "b", "c"}));
  EXPECT_EQ(std::set<std::string>(reader.sink.ids.begin(), reader.sink.ids.end()).size(), 3u);
}

TEST_F(PacctInput, AFileCutAndGrownPastTheOldOffsetIsANewFile) {
  add(record("a"));
  Reader reader(pacct_);
  reader.wait(1);
  dir_.write("pacct", record("x") + record("y") + record("z"));
  EXPECT_EQ(reader.wait(4), (Names{"a", "x", "y", "z"}));
}

TEST_F(PacctInput, ResumesWithoutLossOrRepetition) {
  Cursor cursor;
  std::multiset<std::string> ids;
  {
    add(record("a") + record("b"));
    Reader reader(pacct_);
    reader.wait(2);
    cursor = reader.cursor();
    ids.insert(reader.sink.ids.begin(), reader.sink.ids.end());
  }
  add(record("c"));
  rotate(pacct_);
  add(record("d"));
  Reader reader(pacct_, cursor);
  EXPECT_EQ(reader.wait(2), (Names{"c", "d"}));
  reader.stay();
  EXPECT_EQ(reader.names.size(), 2u);
  ids.insert(reader.sink.ids.begin(), reader.sink.ids.end());
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 4u);
  EXPECT_EQ(ids.size(), 4u);
}

TEST_F(PacctInput, AnOlderCursorGivesTheSameDocumentsAgain) {
  add(record("a") + record("torn").substr(0, 20) + record("b") + record("") + record("c"));
  Reader first(pacct_);
  first.wait(5);
  ASSERT_EQ(first.names, (Names{"a", "<20>", "b", "", "c"}));
  for (const uint64_t offset : {0u, 64u, 84u, 148u, 212u}) {
    Cursor cursor = first.cursor();
    cursor.at = {1, offset};
    cursor.files = first.input().marks(cursor.at);
    Reader again(pacct_, cursor);
    const auto skipped =
        static_cast<size_t>(std::count_if(first.sink.provenances.begin(), first.sink.provenances.end(),
                                          [offset](const Provenance& p) { return p.begin.offset < offset; }));
    again.wait(5 - skipped);
    again.stay();
    const std::vector<std::string> expected(first.sink.documents.begin() + static_cast<ptrdiff_t>(skipped),
                                            first.sink.documents.end());
    EXPECT_EQ(again.sink.documents, expected) << offset;
  }
}

TEST_F(PacctInput, BeginsWithWhatIsNewWhenAsked) {
  add(record("old"));
  Reader reader(pacct_, {}, false, "newest");
  reader.stay();
  EXPECT_TRUE(reader.names.empty());
  add(record("new"));
  EXPECT_EQ(reader.wait(1), (Names{"new"}));
}

TEST_F(PacctInput, AMissingFileOrADirectoryIsNotFatal) {
  Reader reader(pacct_);
  reader.stay();
  std::filesystem::create_directory(pacct_);
  reader.stay();
  std::filesystem::remove(pacct_);
  add(record("a"));
  EXPECT_EQ(reader.wait(1), (Names{"a"}));
}

TEST_F(PacctInput, AFileThatCannotBeOpenedIsTriedAgain) {
  std::filesystem::create_symlink("pacct", pacct_);  // a loop: not even root opens it
  Reader reader(pacct_);
  reader.stay();
  std::filesystem::remove(pacct_);
  add(record("a"));
  EXPECT_EQ(reader.wait(1), (Names{"a"}));
}

TEST_F(PacctInput, RotatedFilesAreReadOldestFirst) {
  dir_.write("pacct.1", record("a"));
  dir_.write("pacct.0", record("b"));
  dir_.write("pacct.2.gz", "\x1f\x8b");
  add(record("c"));
  Reader reader(pacct_, {}, true);
  EXPECT_EQ(reader.wait(3), (Names{"a", "b", "c"}));
  EXPECT_EQ(reader.pull(), Pull::done);
}

TEST_F(PacctInput, NoiseIsGivenInPiecesAndTheInputGoesOn) {
  std::string noise(100000, '\0');
  uint32_t state = 1;
  for (char& c : noise) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  add(record("a") + noise);
  Reader reader(pacct_, {}, true);
  while (reader.pull() == Pull::more) {
  }
  ASSERT_GT(reader.names.size(), 20u);
  EXPECT_EQ(reader.names[0], "a");
  EXPECT_EQ(reader.at.offset, noise.size() + 64);
}

}  // namespace
}  // namespace acta::test
