// The audit_log input through its contract, with real logs.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "inputs/input.h"
#include "support/follow.h"
#include "support/shared.h"
#include "support/temp_dir.h"

namespace acta::test {
namespace {

using Texts = std::vector<std::string>;

std::unique_ptr<Input> make_audit_log(const std::map<std::string, std::string>& given) {
  const Component<Input>* component = Registry<Input>::find("audit_log");
  EXPECT_NE(component, nullptr);
  const auto settings = make_settings(component->options, given);
  EXPECT_TRUE(settings) << settings.error().what;
  auto input = component->make(*settings);
  EXPECT_TRUE(input) << input.error().what;
  return std::move(*input);
}

/// Pulls to the end of a finished input.
Texts read_all(Input& input, RawBatch& batch, Position& read_to) {
  Texts texts;
  for (Pull pulled = Pull::more; pulled != Pull::done;) {
    const auto result = input.pull(batch);
    EXPECT_TRUE(result);
    if (!result) break;
    pulled = *result;
    for (size_t i = 0; i < batch.size(); ++i) {
      texts.emplace_back(batch[i].bytes);
      read_to = batch[i].end;
    }
    if (pulled != Pull::done) batch.clear();
  }
  return texts;
}

Texts lines_of(const std::string& path) {
  std::ifstream file(path);
  Texts lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST(AuditLogInput, NeedsPaths) {
  const Component<Input>* component = Registry<Input>::find("audit_log");
  ASSERT_NE(component, nullptr);
  EXPECT_FALSE(make_settings(component->options, {}));
  EXPECT_FALSE(make_settings(component->options, {{"paths", "[a]"}, {"from", "middle"}}));
}

TEST(AuditLogInput, ReadsRotatedLogsInOrder) {
  SKIP_WITHOUT_SHARED(shared);
  const std::string stream = *shared + "/golden/live/stream/audit.log";
  Texts want;
  for (const char* suffix : {".2", ".1", ""}) {
    for (std::string& line : lines_of(stream + suffix)) want.push_back(std::move(line));
  }
  ASSERT_GT(want.size(), 1000u);
  const auto input = make_audit_log({{"paths", "[" + stream + "]"}, {"keep_original", "true"}});
  input->stop_at_end();
  ASSERT_TRUE(input->open(3, {}));
  RawBatch batch;
  Position read_to{};
  EXPECT_EQ(read_all(*input, batch, read_to), want);
  EXPECT_EQ(read_to.file, 3u);
  EXPECT_EQ(read_to.offset, std::filesystem::file_size(stream));
  const InputCounts counts = input->counts();
  EXPECT_EQ(counts.records, want.size());
  EXPECT_EQ(counts.files, 3u);
  EXPECT_EQ(counts.gaps, 0u);
  EXPECT_TRUE(input->close());
}

TEST(AuditLogInput, ItemsSayWhereTheyAreFrom) {
  TempDir dir;
  const std::string path = dir.write("audit.log", "type=A msg=audit(1.0:1): \r\ntype=B\0 msg=audit(1.0:2): \n");
  const auto input = make_audit_log({{"paths", "[" + path + "]"}, {"keep_original", "true"}});
  ASSERT_TRUE(input->open(7, {}));
  EXPECT_TRUE(input->can_wait());
  RawBatch batch;
  ASSERT_TRUE(input->pull(batch));
  ASSERT_GE(batch.size(), 1u);
  const RawItem item = batch[0];
  EXPECT_EQ(item.kind, RawKind::audit_record);
  EXPECT_EQ(item.source, 7u);
  EXPECT_EQ(item.bytes, "type=A msg=audit(1.0:1): ");
  EXPECT_EQ(item.begin, (Position{1, 0}));
  EXPECT_EQ(item.end, (Position{1, 27}));
  ASSERT_NE(item.origin, nullptr);
  EXPECT_EQ(item.origin->path, path);
  EXPECT_EQ(item.origin->fingerprint.size(), 16u);
  EXPECT_NE(item.origin->inode, 0u);
  EXPECT_TRUE(item.origin->keep_original);
}

TEST(AuditLogInput, GoesOnFromItsCursorAfterThreeRotations) {
  SKIP_WITHOUT_SHARED(shared);
  const Texts all = lines_of(*shared + "/golden/live/audit/audit-enriched.log");
  ASSERT_GT(all.size(), 3000u);
  TempDir dir;
  const std::string path = dir / "audit.log";
  const auto write = [&](size_t from, size_t to) {
    std::string bytes;
    for (size_t i = from; i < to; ++i) bytes += all[i] + "\n";
    append_to(path, bytes);
  };
  Cursor cursor;
  Texts got;
  const size_t part = all.size() / 4;
  for (size_t life = 0; life < 4; ++life) {
    write(life * part, life == 3 ? all.size() : (life + 1) * part);
    const auto input = make_audit_log({{"paths", "[" + path + "]"}});
    input->stop_at_end();
    ASSERT_TRUE(input->open(0, cursor));
    RawBatch batch;
    for (std::string& line : read_all(*input, batch, cursor.read_to)) got.push_back(std::move(line));
    cursor.at = cursor.read_to;
    cursor.files = input->marks(cursor.at);
    rotate(path);
    EXPECT_EQ(input->counts().gaps, 0u);
  }
  EXPECT_EQ(got, all);
}

TEST(AuditLogInput, ReadsAFileInAnyCut) {
  SKIP_WITHOUT_SHARED(shared);
  const Texts all = lines_of(*shared + "/golden/live/audit/audit-enriched.log");
  std::string bytes;
  for (const std::string& line : all) bytes += line + "\n";
  TempDir dir;
  const std::string path = dir / "audit.log";
  const auto input = make_audit_log({{"paths", "[" + path + "]"}});
  ASSERT_TRUE(input->open(0, {}));
  RawBatch batch;
  Texts got;
  size_t step = 1;
  for (size_t at = 0; at < bytes.size(); at += step) {
    step = step * 7 % 4093 + 1;
    append_to(path, bytes.substr(at, step));
    for (Pull pulled = Pull::more; pulled == Pull::more;) {
      batch.clear();
      const auto result = input->pull(batch);
      ASSERT_TRUE(result);
      pulled = *result;
      for (size_t i = 0; i < batch.size(); ++i) got.emplace_back(batch[i].bytes);
    }
  }
  EXPECT_EQ(got, all);
}

}  // namespace
}  // namespace acta::test
