#include "pipeline/pipeline.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

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

  std::vector<std::string> ids;
  std::vector<std::string> documents;
  size_t room = 1000;
  Offset safe_offset = 0;
  int waits = 0;
};

class DropWithText final : public Processor {
 public:
  explicit DropWithText(std::string text) : text_(std::move(text)) {}
  Verdict process(Event& event) override {
    return event.text(FieldId::kMessage) == text_ ? Verdict::drop : Verdict::keep;
  }

 private:
  std::string text_;
};

class PipelineTest : public testing::Test {
 protected:
  void make(const Cursor& resume = {}, const std::string& dropped = "") {
    Pipeline::Parts parts{.clock = &clock_, .queue = &queue_, .decoders = {}, .processors = {}, .resume = {resume}};
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

  SystemClock clock_;
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
