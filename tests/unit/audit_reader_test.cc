#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "support/audit_documents.h"
#include "support/audit_lines.h"
#include "support/fake_audit.h"
#include "support/fake_clock.h"
#include "support/shared.h"
#include "sys/audit/reader.h"

namespace acta::kaudit {
namespace {

// The lines of a log without what only a log has: node=.
std::string without_node(const std::string& log) {
  std::string lines;
  test::for_each_line(log, [&](std::string_view line) {
    if (line.starts_with("node=")) line.remove_prefix(line.find(' ') + 1);
    lines += std::string(line) + "\n";
  });
  return lines;
}

using test::FakeClock;
using test::FakeStream;

class ReaderTest : public testing::Test {
 protected:
  void begin(bool exact = true, const RecordRing::Limits& limits = {}) {
    auto stream = std::make_unique<FakeStream>();
    stream_ = stream.get();
    ring_.emplace(limits);
    reader_.emplace(std::move(stream), Reader::Options{.exact = exact}, *ring_, counts_, clock_);
  }
  // Steps until nothing comes, and gives the lines that can be taken; what is lost goes to losses_.
  std::vector<std::string> lines() {
    std::vector<std::string> all;
    for (bool more = true; more;) {
      more = reader_->step();
      RawBatch batch;
      more = ring_->drain(batch, {.source = 3, .run = 7}) || more;
      for (size_t i = 0; i < batch.size(); ++i) all.emplace_back(batch[i].bytes);
      for (const auto& lost : batch.losses()) losses_.push_back(lost.loss);
    }
    return all;
  }

  FakeClock clock_;
  ReaderCounts counts_;
  FakeStream* stream_ = nullptr;
  std::optional<RecordRing> ring_;
  std::optional<Reader> reader_;
  std::vector<Loss> losses_;
};

TEST_F(ReaderTest, RecordsBecomeLinesAsAuditdWritesThem) {
  begin();
  stream_->record(1300, "audit(1.500:7): arch=c000003e syscall=59");
  stream_->record(1320, "audit(1.500:7): ", 0, false);
  stream_->record(1423, std::string("audit(1.500:8): domain=1\n\0", 26));
  stream_->record(1100, "audit(1.504:9): pid=1 msg='op=PAM res=success'");
  EXPECT_EQ(lines(), (std::vector<std::string>{
                         "type=SYSCALL msg=audit(1.500:7): arch=c000003e syscall=59",
                         "type=EOE msg=audit(1.500:7): ", "type=UNKNOWN[1423] msg=audit(1.500:8): domain=1",
                         "type=USER_AUTH msg=audit(1.504:9): pid=1 msg='op=PAM res=success'"}));
  EXPECT_EQ(counts_.records, 4u);
  EXPECT_EQ(reader_->first_serial(), 7u);
}

TEST_F(ReaderTest, WhatTheKernelDidNotSendIsDroppedAndCounted) {
  begin();
  stream_->record(1300, "audit(1.500:7): forged", 4711);
  stream_->datagram("short");
  stream_->record(2, std::string(16, '\0'));
  EXPECT_TRUE(lines().empty());
  EXPECT_EQ(counts_.foreign, 1u);
  EXPECT_EQ(counts_.records, 0u);
}

TEST_F(ReaderTest, AProcessThatWantsToBeTheDaemonIsToldOnce) {
  begin();
  stream_->record(1329, std::string("\x39\x05\0\0", 4));
  EXPECT_TRUE(lines().empty());
  EXPECT_EQ(reader_->take_rival(), 1337u);
  EXPECT_EQ(reader_->take_rival(), 0u);
}

TEST_F(ReaderTest, AFullRingDropsTheNewestAndTellsWhich) {
  begin(true, {.records_max = 12, .bytes_max = 1 << 20});
  for (int i = 1; i <= 20; ++i) stream_->record(1300, "audit(1.500:" + std::to_string(i) + "): x");
  while (reader_->step()) {
  }
  EXPECT_EQ(lines().size(), 12u);
  ASSERT_EQ(losses_.size(), 1u);
  EXPECT_EQ(losses_[0].reason, LossReason::ring_full);
  EXPECT_EQ(losses_[0].source, 3);
  EXPECT_EQ(losses_[0].count, 8u);
  EXPECT_FALSE(losses_[0].at_least);
  EXPECT_EQ(losses_[0].serials, (std::vector<SerialRange>{{13, 20}}));
}

TEST_F(ReaderTest, AnOverrunIsALossOfUnknownSizeThatSerialsConfirm) {
  begin(false);
  stream_->record(1300, "audit(1.500:1): a");
  reader_->step();
  stream_->overrun();
  stream_->record(1300, "audit(1.600:9): b");
  reader_->step();
  clock_.advance(Serials::kPatience);
  static_cast<void>(lines());
  const auto& losses = losses_;
  ASSERT_EQ(losses.size(), 2u);
  EXPECT_EQ(losses[0].reason, LossReason::socket_overrun);
  EXPECT_TRUE(losses[0].at_least);
  EXPECT_EQ(losses[0].count, 0u);
  EXPECT_EQ(losses[1].reason, LossReason::serial_gap);
  EXPECT_TRUE(losses[1].at_least);
  EXPECT_EQ(losses[1].count, 7u);
  EXPECT_EQ(losses[1].serials, (std::vector<SerialRange>{{2, 8}}));
  EXPECT_EQ(counts_.overruns, 1u);
}

TEST_F(ReaderTest, WhatTheAgentSaysComesAmongTheRecords) {
  begin();
  stream_->record(1300, "audit(1.500:1): a");
  reader_->step();
  reader_->say("type=DAEMON_CONFIG msg=audit(1.500:77): op=x");
  EXPECT_EQ(lines().back(), "type=DAEMON_CONFIG msg=audit(1.500:77): op=x");
  clock_.advance(Serials::kPatience);
  EXPECT_TRUE(lines().empty());
  EXPECT_TRUE(reader_->take_missing().empty()) << "serials of the agent are no serials of the kernel";
}

// A captured stream of the multicast group, repeated {u32 length, datagram}, and what auditd wrote of the same moments.
TEST_F(ReaderTest, ACapturedStreamGivesTheDocumentsOfTheLog) {
  std::ifstream file(test::source_path("tests/data/netlink-frames.bin"), std::ios::binary);
  ASSERT_TRUE(file);
  begin();
  uint32_t size = 0;
  std::string stream;
  while (file.read(reinterpret_cast<char*>(&size), sizeof size)) {
    std::string datagram(size, '\0');
    file.read(datagram.data(), size);
    stream_->datagram(datagram);
  }
  for (const std::string& line : lines()) stream += line + "\n";
  EXPECT_EQ(counts_.records, 1557u);
  const auto documents = test::decode_audit(stream);
  // The log has five records of auditd's own besides; the stream ends two events later.
  const auto of_log =
      test::decode_audit(without_node(test::read_log(test::source_path("tests/data/netlink-frames.log.zst"))));
  const std::set<std::string> whole(of_log.json.begin(), of_log.json.end());
  size_t same = 0;
  for (const std::string& document : documents.json) same += whole.count(document);
  EXPECT_EQ(documents.json.size(), 313u);
  EXPECT_EQ(same, 311u);
}

}  // namespace
}  // namespace acta::kaudit
