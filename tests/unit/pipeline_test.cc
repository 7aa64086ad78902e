#include "pipeline/pipeline.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/fake_clock.h"
#include "support/line_decoder.h"

namespace acta {
namespace {

/// A queue that keeps what was appended, with room for `room` documents that a test makes safe by hand.
class ListQueue final : public Queue {
 public:
  Result<Offset> append(Batch&& batch) override {
    if (ids.size() + batch.size() > room) return fail(Errc::full, "full");
    const Offset first = ids.size();
    for (size_t i = 0; i < batch.size(); ++i) {
      ids.emplace_back(batch[i].meta.id);
      documents.emplace_back(batch[i].json);
    }
    return first;
  }
  void wait_for_room(Nanos) override { ++waits; }
  Result<> sync() override { return {}; }
  [[nodiscard]] Offset safe() const override { return safe_offset; }
  [[nodiscard]] Offset end() const override { return ids.size(); }
  Result<std::unique_ptr<Reader>> reader(const std::string&) override { return fail(Errc::unsupported, "none"); }
  void close() override {}

  std::vector<Loss> take_losses() override { return std::exchange(losses, {}); }

  std::vector<std::string> ids;
  std::vector<std::string> documents;
  std::vector<Loss> losses;
  size_t room = 1000;
  Offset safe_offset = 0;
  int waits = 0;
};

class DropWithText final : public Processor {
 public:
  explicit DropWithText(std::string text) : text_(std::move(text)) {}
  Verdict process(Event& event) override {
    if (text_ == "*") return Verdict::drop;
    return event.text(FieldId::kMessage) == text_ ? Verdict::drop : Verdict::keep;
  }

 private:
  std::string text_;
};

class PipelineTest : public testing::Test {
 protected:
  void make(const Cursor& resume = {}, const std::string& dropped = "", Nanos health_every = 0) {
    Pipeline::Parts parts{.clock = &clock_,
                          .queue = &queue_,
                          .decoders = {},
                          .processors = {},
                          .resume = {resume},
                          .inputs = {"live"},
                          .services = {},
                          .health_every = health_every};
    parts.decoders.push_back(std::make_unique<test::LineDecoder>());
    if (!dropped.empty()) parts.processors.push_back(std::make_unique<DropWithText>(dropped));
    pipeline_ = std::make_unique<Pipeline>(std::move(parts));
  }

  /// Feeds lines that begin at `offset` of file 1.
  void feed(const std::vector<std::string>& lines, uint64_t offset = 0) {
    RawBatch batch;
    for (const std::string& line : lines) {
      std::copy(line.begin(), line.end(), batch.room(line.size()));
      const size_t at = batch.keep(line.size());
      batch.item({.begin = {1, offset}, .end = {1, offset + line.size() + 1}}, at, line.size());
      offset += line.size() + 1;
    }
    pipeline_->accept(std::move(batch));
    settle();
  }
  void settle() {
    for (int i = 0; i < 10 && !pipeline_->hungry(); ++i) ASSERT_TRUE(pipeline_->step(0));
  }

  /// What the document of a loss says, of the n-th document.
  [[nodiscard]] bool is_loss(size_t n, const std::string& count) const {
    return queue_.documents[n].find("\"action\":\"events-lost\"") != std::string::npos &&
           queue_.documents[n].find("\"lost\":{" + count) != std::string::npos;
  }

  test::FakeClock clock_;
  ListQueue queue_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(PipelineTest, AppendsFinishedEventsInOrder) {
  make();
  feed({"a:1", "b:1!", "a:2!", "c:1"});
  EXPECT_EQ(queue_.ids, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(queue_.documents[1], R"({"event":{"id":"a"},"message":"1,2"})");
  pipeline_->flush();
  settle();
  EXPECT_EQ(queue_.ids.back(), "c");
}

TEST_F(PipelineTest, TheCursorNeverPassesWhatIsUnfinishedOrNotSafe) {
  make();
  feed({"a:1", "b:1!", "c:1!"});
  EXPECT_EQ(pipeline_->cursor(0).at, (Position{1, 0}));  // a is open
  feed({"a:2!"}, 14);
  EXPECT_EQ(pipeline_->cursor(0).at, (Position{1, 0}));  // nothing is safe
  queue_.safe_offset = 2;
  EXPECT_EQ(pipeline_->cursor(0).at, (Position{1, 0}));  // a is appended, but not safe
  queue_.safe_offset = 3;
  EXPECT_EQ(pipeline_->cursor(0).at, (Position{1, 19}));
}

TEST_F(PipelineTest, ResumesWithoutDoublingWhatWasSafe) {
  make();
  const std::vector<std::string> lines{"a:1", "b:1!", "c:1", "c:2!", "a:2!"};
  feed({lines.begin(), lines.begin() + 4});
  queue_.safe_offset = 2;  // b and c are safe, a is open
  const Cursor cursor = pipeline_->cursor(0);
  EXPECT_EQ(cursor.at, (Position{1, 0}));
  make(cursor);
  feed(lines);
  EXPECT_EQ(queue_.ids, (std::vector<std::string>{"b", "c", "a"}));
  EXPECT_EQ(queue_.documents.back(), R"({"event":{"id":"a"},"message":"1,2"})");
  EXPECT_EQ(pipeline_->counters(0).skipped, 3u);
}

TEST_F(PipelineTest, AFullQueueIsBackPressureAndLosesNothing) {
  make();
  queue_.room = 1;
  feed({"a:1!", "b:1!"});
  EXPECT_TRUE(pipeline_->blocked());
  EXPECT_FALSE(pipeline_->hungry());
  EXPECT_GT(queue_.waits, 0);
  EXPECT_TRUE(queue_.ids.empty());
  queue_.room = 2;
  settle();
  EXPECT_TRUE(pipeline_->hungry());
  EXPECT_EQ(queue_.ids, (std::vector<std::string>{"a", "b"}));
}

TEST_F(PipelineTest, ALossBecomesADocumentWhereItIsMissing) {
  make();
  RawBatch batch;
  const auto line = [&batch](std::string_view text, uint64_t offset) {
    std::copy(text.begin(), text.end(), batch.room(text.size()));
    const size_t at = batch.keep(text.size());
    batch.item({.begin = {1, offset}, .end = {1, offset + text.size()}}, at, text.size());
  };
  line("a:1!", 0);
  batch.lost({.reason = LossReason::ring_full, .source = 0, .count = 7, .from = 1, .to = 2});
  line("b:1!", 4);
  batch.lost({.reason = LossReason::ring_full, .source = 0, .count = 5, .from = 3, .to = 4});
  pipeline_->accept(std::move(batch));
  settle();
  ASSERT_EQ(queue_.ids.size(), 3u);
  EXPECT_TRUE(is_loss(2, "\"records\":12")) << "those of one second are told as one: " << queue_.documents[2];
  EXPECT_EQ(pipeline_->counters(0).lost, 12u);
  EXPECT_EQ(pipeline_->counters(0).read, 2u);
}

TEST_F(PipelineTest, ALossAloneIsToldWithinASecond) {
  make();
  const auto lose = [this] {
    RawBatch batch;
    batch.lost({.reason = LossReason::socket_overrun, .source = 0, .count = 1, .from = 1, .to = 2});
    pipeline_->accept(std::move(batch));
    settle();
  };
  lose();
  EXPECT_EQ(queue_.ids.size(), 1u) << "the first at once";
  lose();
  lose();
  EXPECT_EQ(queue_.ids.size(), 1u);
  queue_.safe_offset = 1;
  clock_.advance(kSecond);
  pipeline_->idle();
  settle();
  ASSERT_EQ(queue_.ids.size(), 2u);
  EXPECT_TRUE(is_loss(1, "\"records\":2"));
  lose();
  pipeline_->flush();
  settle();
  EXPECT_EQ(queue_.ids.size(), 3u) << "none is kept back at the end";
}

TEST_F(PipelineTest, HealthIsOneLedgerOfReadAndLost) {
  make({}, "2", kSecond);
  feed({"a:1!", "b:2!", "c:3"});
  RawBatch batch;
  batch.lost({.reason = LossReason::kernel_backlog, .source = 0, .count = 9, .from = 1, .to = 2});
  batch.lost({.reason = LossReason::socket_overrun, .source = 0, .count = 0, .at_least = true, .from = 1, .to = 2});
  pipeline_->accept(std::move(batch));
  settle();
  const size_t before = queue_.documents.size();
  clock_.advance(kSecond);
  pipeline_->idle();
  settle();
  ASSERT_EQ(queue_.documents.size(), before + 1);
  const std::string& health = queue_.documents.back();
  EXPECT_NE(health.find("\"dataset\":\"actabeat.health\""), std::string::npos) << health;
  EXPECT_NE(health.find("\"input\":\"live\""), std::string::npos) << health;
  for (const char* figure : {"\"read\":3", "\"in_documents\":1", "\"filtered\":1", "\"open\":1", "\"duplicates\":0",
                             "\"kernel\":9", "\"socket\":1", "\"ring\":0", "\"documents\":1"}) {
    EXPECT_NE(health.find(figure), std::string::npos) << figure << " in " << health;
  }
  pipeline_->idle();
  settle();
  EXPECT_EQ(queue_.documents.size(), before + 1) << "not before the next period";
}

TEST_F(PipelineTest, TellsTheHealthOfOutputs) {
  OutputCounters counters;
  counters.position = 1;
  counters.waiting = 1;
  counters.accepted = 40;
  counters.rejected = 2;
  counters.retried = 7;
  counters.dropped = 3;
  counters.expired = 4;
  counters.failing_since = clock_.monotonic() + kSecond;
  Pipeline::Parts parts{.clock = &clock_,
                        .queue = &queue_,
                        .decoders = {},
                        .processors = {},
                        .resume = {{}},
                        .inputs = {"live"},
                        .services = {},
                        .health_every = 60 * kSecond,
                        .outputs = {{"elasticsearch", &counters}}};
  parts.decoders.push_back(std::make_unique<test::LineDecoder>());
  pipeline_ = std::make_unique<Pipeline>(std::move(parts));
  feed({"a:1!", "b:1!", "c:1!"});
  clock_.advance(61 * kSecond);
  pipeline_->idle();
  settle();
  ASSERT_EQ(queue_.documents.size(), 5u) << "three events, the input and the output";
  const std::string& health = queue_.documents.back();
  EXPECT_NE(health.find("\"output\":\"elasticsearch\""), std::string::npos) << health;
  for (const char* figure : {"\"waiting\":3", "\"accepted\":40", "\"rejected\":2", "\"given_up\":7", "\"retried\":7",
                             "\"connect_failed\":0", "\"failing_ns\":60000000000"}) {
    EXPECT_NE(health.find(figure), std::string::npos) << figure << " in " << health;
  }
  counters.failing_since = 0;
  clock_.advance(61 * kSecond);
  pipeline_->idle();
  settle();
  EXPECT_NE(queue_.documents.back().find("\"failing_ns\":0"), std::string::npos) << queue_.documents.back();
}

TEST_F(PipelineTest, ALossHoldsTheCursorUntilItsDocumentIsSafe) {
  make();
  feed({"a:1!"});
  queue_.safe_offset = 1;
  EXPECT_EQ(pipeline_->cursor(0).at, (Position{1, 5}));
  RawBatch batch;
  batch.lost({.reason = LossReason::file_gap, .source = 0, .at_least = true});
  pipeline_->accept(std::move(batch));
  settle();
  feed({"b:1!"}, 5);
  EXPECT_EQ(pipeline_->cursor(0).at, (Position{1, 5})) << "the loss is not safe";
  queue_.safe_offset = 3;
  EXPECT_EQ(pipeline_->cursor(0).at, (Position{1, 10}));
}

TEST_F(PipelineTest, WhatTheQueueLosesIsToldTooAndProcessorsCannotHideIt) {
  make({}, "*");
  queue_.losses.push_back({.reason = LossReason::queue_dropped, .output = "out", .count = 3});
  feed({"a:1!"});
  ASSERT_EQ(queue_.ids.size(), 1u);
  EXPECT_TRUE(is_loss(0, "\"documents\":3"));
  EXPECT_EQ(pipeline_->counters(0).filtered, 1u);
}

TEST_F(PipelineTest, CountsEveryRecordOnce) {
  make({}, "dropped");
  feed({"a:1", "a:2!", "b:dropped!", "c:1"});
  static_cast<void>(pipeline_->cursor(0));
  const SourceCounters& counters = pipeline_->counters(0);
  EXPECT_EQ(counters.read, 4u);
  EXPECT_EQ(counters.in_documents, 2u);
  EXPECT_EQ(counters.filtered, 1u);
  EXPECT_EQ(counters.in_assembler, 1u);
  EXPECT_EQ(counters.read,
            counters.in_documents + counters.filtered + counters.duplicates + counters.skipped + counters.in_assembler);
}

}  // namespace
}  // namespace acta
