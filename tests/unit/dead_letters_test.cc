#include "pipeline/dead_letters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <cerrno>

#include "event/route.h"
#include "pipeline/letter_reader.h"
#include "support/fake_clock.h"
#include "support/fake_fs.h"
#include "support/fault_fs.h"

namespace acta {
namespace {

constexpr char kPath[] = "/d/out.ndjson";

class DeadLettersTest : public ::testing::Test {
 protected:
  Result<> write(const std::string& why, const std::string& id, const std::string& json) {
    Batch batch;
    batch.add({.id = id}, json);
    const DeadLetter letters[] = {{.why = why, .doc = batch[0]}};
    return letters_.write(letters);
  }
  rapidjson::Document last_line() {
    std::string text = disk_.content(kPath);
    EXPECT_TRUE(text.ends_with('\n'));
    text.pop_back();
    rapidjson::Document parsed;
    parsed.Parse(text.substr(text.rfind('\n') + 1).c_str());
    EXPECT_FALSE(parsed.HasParseError()) << text;
    return parsed;
  }

  test::FakeClock clock_;
  test::FakeFs disk_{&clock_};
  test::FaultFs fs_{disk_};
  DeadLetters letters_{fs_, clock_, "/d", "out"};
};

TEST_F(DeadLettersTest, ALetterSaysWhenWhereWhyAndWhat) {
  clock_.set_realtime(1'795'428'930 * kSecond);
  ASSERT_TRUE(write("mapper_parsing_exception: \"a\"", "id-1", "{\"a\":{\"b\":[1,2.50]}}"));
  EXPECT_EQ(disk_.content(kPath),
            "{\"time\":\"2026-11-23T10:15:30.000Z\",\"output\":\"out\",\"why\":\"mapper_parsing_exception: \\\"a\\\"\","
            "\"id\":\"id-1\",\"document\":{\"a\":{\"b\":[1,2.50]}}}\n");
}

// An index named after a field needs it when a letter is sent again.
TEST_F(DeadLettersTest, ALetterThatIsReadHasTheFieldsThatItsOutputRoutesBy) {
  ASSERT_TRUE(write("why", "id-1", R"({"event":{"dataset":"d"},"host":{"id":"h","name":"web"},"tags":["a","b"]})"));
  const auto keep = [](std::string_view, std::string_view) -> Result<> { return {}; };
  auto reader = LetterReader::open(fs_, kPath, keep, {"host.name", "tags", "user.name"});
  ASSERT_TRUE(reader) << reader.error().what;
  const auto span = (*reader)->next(0);
  ASSERT_TRUE(span && *span);
  const Meta meta = (*(*span)->batch)[0].meta;
  EXPECT_EQ(meta.dataset, "d");
  EXPECT_EQ(find_route(meta.routes, "host.name"), "web");
  EXPECT_EQ(find_route(meta.routes, "tags"), "a");
  EXPECT_EQ(find_route(meta.routes, "user.name"), std::nullopt);
}

TEST_F(DeadLettersTest, NothingIsMadeForNoLetters) {
  ASSERT_TRUE(letters_.write({}));
  EXPECT_FALSE(disk_.exists("/d"));
}

TEST_F(DeadLettersTest, HostileReasonsAndDocumentsMakeValidLines) {
  const std::string documents[] = {
      "",
      "nothing",
      "{\"a\":1} {\"b\":2}",
      "{\"a\":\"\xff\"}",
      "{\"a\":\n1}",
      "[1]",
      std::string(100'000, '['),
      "{\"a\":" + std::string(50'000, '{'),
      std::string("{\"a\":\0}", 7),
  };
  for (const std::string& document : documents) {
    ASSERT_TRUE(write("\xfe\x1b[31m\n\"", "id\"\n", document));
    const auto line = last_line();
    EXPECT_TRUE(line["document"].IsString()) << document.substr(0, 50);
    EXPECT_STREQ(line["id"].GetString(), "id\"\n");
  }
  ASSERT_TRUE(write(std::string(1 << 20, 'w'), "x", "{}"));
  EXPECT_LE(std::string(last_line()["why"].GetString()).size(), 4096u);
}

TEST_F(DeadLettersTest, AFileTakenAwayIsMadeAnew) {
  ASSERT_TRUE(write("w", "1", "{}"));
  ASSERT_TRUE(disk_.rename(kPath, "/d/taken"));
  ASSERT_TRUE(write("w", "2", "{}"));
  EXPECT_STREQ(last_line()["id"].GetString(), "2");
}

TEST_F(DeadLettersTest, GoesOnAfterWhatACrashLeft) {
  disk_.put(kPath, "{\"time\":\"x\"}\n{\"time");
  ASSERT_TRUE(write("w", "1", "{}"));
  EXPECT_THAT(disk_.content(kPath), ::testing::StartsWith("{\"time\":\"x\"}\n{\"time\":\"2026"));
}

TEST_F(DeadLettersTest, AFailureLeavesNothingAndIsRepeatable) {
  using Op = test::FaultFs::Op;
  ASSERT_TRUE(write("w", "0", "{}"));
  const std::string before = disk_.content(kPath);
  for (const Op op : {Op::append, Op::sync}) {
    fs_.fail(op, ENOSPC);
    EXPECT_FALSE(write("w", "1", "{}"));
    EXPECT_EQ(disk_.content(kPath), before);
  }
  ASSERT_TRUE(write("w", "1", "{}"));
  const std::string after = disk_.content(kPath);
  EXPECT_EQ(std::count(after.begin(), after.end(), '\n'), 2);
}

TEST_F(DeadLettersTest, ALetterSaysTheStatus) {
  Batch batch;
  batch.add({.id = "i"}, "{}");
  const DeadLetter letters[] = {{.why = "no", .doc = batch[0], .status = 400}};
  ASSERT_TRUE(letters_.write(letters));
  EXPECT_EQ(last_line()["status"].GetInt(), 400);
}

TEST_F(DeadLettersTest, FullFilesAreNumberedAndTheOldestIsGivenUpAndCounted) {
  DeadLetters letters(fs_, clock_, "/d", "out", {.file_bytes_max = 400, .files_max = 2});
  Batch batch;
  batch.add({.id = "i"}, "{\"text\":\"" + std::string(50, 'x') + "\"}");
  const DeadLetter letter[] = {{.why = "no", .doc = batch[0]}};
  size_t written = 0;
  while (letters.dropped() == 0) {
    ASSERT_TRUE(letters.write(letter));
    ASSERT_LT(++written, 50u);
  }
  const auto names = disk_.list("/d");
  ASSERT_TRUE(names);
  EXPECT_THAT(*names, testing::UnorderedElementsAre("out.2.ndjson", "out.3.ndjson", "out.ndjson"));
  uint64_t kept = 0;
  for (const std::string& name : *names) {
    const std::string text = disk_.content("/d/" + name);
    EXPECT_LE(text.size(), 400u);
    kept += static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  }
  EXPECT_EQ(kept + letters.dropped(), written);
  DeadLetters again(fs_, clock_, "/d", "out", {.file_bytes_max = 100, .files_max = 2});
  ASSERT_TRUE(again.write(letter));
  EXPECT_TRUE(disk_.exists("/d/out.4.ndjson")) << "a restart goes on with the numbers";
}

}  // namespace
}  // namespace acta
