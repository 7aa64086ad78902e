#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "event/finished_document.h"
#include "pipeline/pipeline.h"
#include "queue/memory_queue.h"
#include "support/fake_clock.h"
#include "support/fake_fs.h"
#include "support/fault_fs.h"

// Documents that others have made, through the pipeline: as they are, or into the dead letters of their input.
namespace acta {
namespace {

using ::testing::HasSubstr;

class PassDocument : public ::testing::Test {
 protected:
  PassDocument() {
    reader_ = std::move(*queue_.reader("out"));
    pipeline_ = std::make_unique<Pipeline>(Pipeline::Parts{
        .clock = &clock_,
        .queue = &queue_,
        .decoders = {},
        .processors = {},
        .resume = {Cursor{}},
        .inputs = {"kafka"},
        .services = {},
        .routes = {{.name = "event.category", .id = FieldId::kEventCategory}},
        .refused = std::make_unique<RefusedDocuments>(fs_, clock_, "/d", std::vector<std::string>{"kafka"})});
  }
  void feed(const std::vector<FinishedDocument>& documents) {
    RawBatch batch;
    for (const FinishedDocument& document : documents) {
      add_document(batch, {.kind = RawKind::document, .begin = {1, next_}, .end = {1, next_ + 1}}, document);
      ++next_;
    }
    pipeline_->accept(std::move(batch));
    settle();
  }
  void settle() {
    for (int i = 0; i < 20 && !pipeline_->hungry(); ++i) ASSERT_TRUE(pipeline_->step(0));
  }
  static FinishedDocument good(std::string_view id, std::string_view json = "{}") {
    return {.meta = {.timestamp = 7, .id = id, .dataset = "actabeat.audit", .key = "h"}, .json = json};
  }
  static FinishedDocument bad(std::string_view id) {
    return {.meta = {.id = id}, .json = "nonsense", .refusal = "is nonsense"};
  }
  Position cursor() { return pipeline_->cursor(0).at; }
  std::string letters() { return disk_.content("/d/input-kafka.ndjson"); }

  test::FakeClock clock_;
  test::FakeFs disk_{&clock_};
  test::FaultFs fs_{disk_};
  MemoryQueue queue_{{.events_max = 100'000, .bytes_max = 64u << 20}};
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<Pipeline> pipeline_;
  uint64_t next_ = 0;
};

TEST_F(PassDocument, IsNotMadeAgain) {
  const std::string json = R"({ "event" : {"category":["process","x"]}, "unknown":[1,{}] })";
  feed({good("a", json), good("b")});
  const auto span = reader_->next(0);
  ASSERT_TRUE(span && *span);
  const Batch& batch = *(*span)->batch;
  ASSERT_EQ(batch.size(), 2u);
  EXPECT_EQ(batch[0].json, json);
  EXPECT_EQ(batch[0].meta.id, "a");
  EXPECT_EQ(batch[0].meta.timestamp, 7);
  EXPECT_EQ(batch[0].meta.dataset, "actabeat.audit");
  EXPECT_EQ(batch[0].meta.key, "h");
  EXPECT_EQ(find_route(batch[0].meta.routes, "event.category"), "process");
  EXPECT_EQ(find_route(batch[1].meta.routes, "event.category"), std::nullopt);
}

TEST_F(PassDocument, TheCursorFollowsWhatIsSafe) {
  feed({good("a"), good("b")});
  EXPECT_EQ(cursor(), (Position{1, 0}));
  const auto span = reader_->next(0);
  ASSERT_TRUE(reader_->commit(1));
  EXPECT_EQ(cursor(), (Position{1, 1}));
  ASSERT_TRUE(reader_->commit(2));
  EXPECT_EQ(cursor(), (Position{1, 2}));
}

TEST_F(PassDocument, WhatIsRefusedLiesInTheDeadLetters) {
  feed({bad("x"), good("a"), bad("y")});
  EXPECT_THAT(letters(), HasSubstr(R"("output":"input-kafka","why":"is nonsense","id":"x","document":"nonsense"})"));
  EXPECT_THAT(letters(), HasSubstr(R"("id":"y")"));
  const SourceCounters& counters = pipeline_->counters(0);
  EXPECT_EQ(counters.read, 3u);
  EXPECT_EQ(counters.refused, 2u);
  EXPECT_EQ(counters.in_documents, 1u);
  EXPECT_EQ(cursor(), (Position{1, 1})) << "x is safe, a is not";
  const auto span = reader_->next(0);
  ASSERT_TRUE(reader_->commit(1));
  EXPECT_EQ(cursor(), (Position{1, 3}));
}

TEST_F(PassDocument, TheCursorDoesNotPassALetterThatCannotBeWritten) {
  fs_.fail(test::FaultFs::Op::sync, ENOSPC, 1);
  feed({good("a"), bad("x"), good("b")});
  const auto span = reader_->next(0);
  ASSERT_TRUE(reader_->commit(2));
  EXPECT_EQ(cursor(), (Position{1, 1}));
  feed({good("c")});
  EXPECT_EQ(cursor(), (Position{1, 1})) << "not tried again at once";
  clock_.advance(2 * kSecond);
  feed({good("d")});
  EXPECT_THAT(letters(), HasSubstr(R"("id":"x")"));
  EXPECT_EQ(cursor(), (Position{1, 3})) << "c is not safe";
}

TEST_F(PassDocument, NoMoreIsTakenThanLettersCanWait) {
  fs_.fail(test::FaultFs::Op::sync, ENOSPC, 1'000'000);
  std::vector<std::string> ids;
  for (int i = 0; i < 1500; ++i) ids.push_back(std::to_string(i));
  std::vector<FinishedDocument> all;
  for (const std::string& id : ids) all.push_back(bad(id));
  feed(all);
  feed({good("a")});
  EXPECT_FALSE(pipeline_->hungry()) << "it waits for the disk";
  fs_.fail(test::FaultFs::Op::sync, ENOSPC, 0);
  clock_.advance(2 * kSecond);
  settle();
  EXPECT_TRUE(pipeline_->hungry());
  const std::string written = letters();
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1500);
}

}  // namespace
}  // namespace acta
