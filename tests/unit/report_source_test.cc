#include <gtest/gtest.h>

#include <fstream>

#include "base/compressor.h"
#include "report/file_source.h"
#include "report/reading.h"
#include "support/temp_dir.h"

namespace acta::report {
namespace {

std::string document(const std::string& host, int number) {
  return R"({"@timestamp":"2026-11-23T02:37:12.978Z","ecs":{"version":"9.4.0"},"event":{"dataset":"actabeat.audit",)"
         R"("sequence":)" +
         std::to_string(number) + R"(},"host":{"name":")" + host + "\"}}\n";
}

class ReportSource : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(dir_.path() + "/" + name, std::ios::binary) << text;
    return dir_.path() + "/" + name;
  }
  std::string write_compressed(const std::string& name, Compression kind, const std::string& text) {
    std::string out;
    EXPECT_TRUE(Compressor::make(kind)->add(text, true, out));
    return write(name, out);
  }
  /// The numbers of the documents, and what there is to remark.
  std::vector<int64_t> read(const std::vector<std::string>& paths, Wanted wanted = {.dataset = "actabeat.audit"}) {
    std::vector<int64_t> numbers;
    auto source = FileSource::open(fs_, paths);
    EXPECT_TRUE(source) << (source ? "" : source.error().what);
    if (!source) return numbers;
    Reading reading(**source, std::move(wanted));
    Document document;
    for (;;) {
      const auto more = reading.next(document);
      EXPECT_TRUE(more) << (more ? "" : more.error().what);
      if (!more || !*more) break;
      numbers.push_back(document.number("event.sequence").value_or(-1));
    }
    remarks_ = reading.remarks();
    return numbers;
  }

  PosixFs fs_;
  test::TempDir dir_;
  std::vector<std::string> remarks_;
};

TEST_F(ReportSource, AFolderIsReadInTheOrderOfWriting) {
  write("actabeat.ndjson", document("a", 3));
  write_compressed("actabeat-20261123T000000-1.ndjson.gz", Compression::gzip, document("a", 1));
  write_compressed("actabeat-20261124T000000-2.ndjson.zst", Compression::zstd, document("a", 2));
  write("something.else", "no document\n");
  EXPECT_EQ(read({dir_.path()}), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_TRUE(remarks_.empty());
}

TEST_F(ReportSource, ALineThatIsNoDocumentIsNamedAndCounted) {
  const std::string path = write("x.ndjson", document("a", 1) + "{\"@timestamp\":\n\n[1]\n" + document("a", 2));
  EXPECT_EQ(read({path}), (std::vector<int64_t>{1, 2}));
  ASSERT_EQ(remarks_.size(), 1u);
  EXPECT_EQ(remarks_[0], "2 lines are no documents and not counted, the first: " + path + ": byte " +
                             std::to_string(document("a", 1).size()) + ": no document: Invalid value. At byte 14.");
}

TEST_F(ReportSource, ALineWithoutEndAtTheEndIsReadToo) {
  std::string text = document("a", 1) + document("a", 2);
  text.pop_back();
  EXPECT_EQ(read({write("x.ndjson", text)}), (std::vector<int64_t>{1, 2}));
}

TEST_F(ReportSource, LongLinesAndManyPieces) {
  std::string text;
  std::vector<int64_t> expected;
  for (int i = 0; i < 200; ++i) {
    std::string line = document("a", i);
    line.insert(1, "\"message\":\"" + std::string(static_cast<size_t>(i) * 997, 'x') + "\",");
    text += line;
    expected.push_back(i);
  }
  EXPECT_EQ(read({write("x.ndjson", text)}), expected);
  EXPECT_EQ(read({write_compressed("x.ndjson.gz", Compression::gzip, text)}), expected);
}

TEST_F(ReportSource, ACompressedFileThatIsCutOffIsRemarkedAndTheNextOneIsRead) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += document("a", i);
  std::string bytes;
  ASSERT_TRUE(Compressor::make(Compression::zstd)->add(text, true, bytes));
  const std::string cut = write("a.ndjson.zst", bytes.substr(0, bytes.size() - 2));
  const auto numbers = read({cut, write("b.ndjson", document("a", 1000))});
  EXPECT_EQ(numbers.back(), 1000);
  ASSERT_FALSE(remarks_.empty());
  EXPECT_NE(remarks_.back().find("cut off; what follows in this file is not counted"), std::string::npos)
      << remarks_.back();
}

TEST_F(ReportSource, OnlyTheHostsAskedForAndAHostNeverSeenIsNamed) {
  const std::string path = write("x.ndjson", document("a", 1) + document("b", 2) + document("a", 3));
  EXPECT_EQ(read({path}, {.dataset = "actabeat.audit", .hosts = {"a"}}), (std::vector<int64_t>{1, 3}));
  EXPECT_TRUE(remarks_.empty());
  EXPECT_TRUE(read({path}, {.dataset = "actabeat.audit", .hosts = {"c"}}).empty());
  EXPECT_EQ(remarks_, std::vector<std::string>{"No document is of host c; there are: a, b"});
}

TEST_F(ReportSource, LossesWithinThePeriodAreTold) {
  const std::string loss =
      R"({"@timestamp":"2026-11-23T10:00:00Z","ecs":{"version":"9.4.0"},"event":{"dataset":"actabeat.lost",)"
      R"("start":"2026-11-23T09:00:00Z","end":"2026-11-23T10:00:00Z"},"host":{"name":"a"},)"
      R"("message":"7 records are lost: the agent had no room for them."})"
      "\n";
  const std::string path = write("x.ndjson", document("a", 1) + loss);
  EXPECT_EQ(read({path}), std::vector<int64_t>{1});
  ASSERT_EQ(remarks_.size(), 1u);
  EXPECT_TRUE(remarks_[0].starts_with("Lost, ")) << remarks_[0];
  EXPECT_TRUE(remarks_[0].ends_with("host a: 7 records are lost: the agent had no room for them.")) << remarks_[0];
  read({path}, {.dataset = "actabeat.audit", .from = *parse_time("2026-11-23T10:00:01Z")});
  EXPECT_TRUE(remarks_.empty());
}

TEST_F(ReportSource, DocumentsOfAnotherVersionAndOfAnotherDatasetAreRemarked) {
  std::string old = document("a", 1);
  old.replace(old.find("9.4.0"), 5, "1.5.0");
  read({write("x.ndjson", old + document("a", 2))});
  EXPECT_EQ(remarks_, std::vector<std::string>{"Some documents are of ECS 1, not 9: their fields may lie elsewhere."});
  read({write("y.ndjson", document("a", 2))}, {.dataset = "actabeat.accounting"});
  EXPECT_EQ(remarks_, std::vector<std::string>{"None of the 1 documents read is of actabeat.accounting."});
}

TEST_F(ReportSource, WhatIsNotThereIsAnError) {
  EXPECT_FALSE(FileSource::open(fs_, {dir_.path() + "/missing.ndjson"}));
  const auto empty = FileSource::open(fs_, {dir_.path()});
  ASSERT_FALSE(empty);
  EXPECT_NE(empty.error().what.find("has no *.ndjson"), std::string::npos) << empty.error().what;
}

TEST(ReportDocument, FieldsByPath) {
  std::string json = R"({"a":{"b":["x","y"],"c":7,"d":true},"e":"z"})";
  Document document;
  ASSERT_TRUE(document.parse(json.data()));
  EXPECT_EQ(document.texts("a.b"), (std::vector<std::string_view>{"x", "y"}));
  EXPECT_EQ(document.texts("e"), std::vector<std::string_view>{"z"});
  EXPECT_EQ(document.number("a.c"), 7);
  EXPECT_TRUE(document.is_true("a.d"));
  EXPECT_FALSE(document.has("a.b.c"));
  EXPECT_EQ(document.text("a.c"), "");
  std::string deep(2'000'000, '[');
  EXPECT_FALSE(document.parse(deep.data()));
  EXPECT_FALSE(document.has("e"));
}

TEST(ReportTime, IsReadToTheNanosecond) {
  EXPECT_EQ(parse_time("1970-01-01T00:00:01Z"), kSecond);
  EXPECT_EQ(parse_time("2026-11-23T02:37:12.978Z"), 1'795'401'432'978'000'000);
  EXPECT_EQ(parse_time("2026-11-23T02:37:12.000000001Z"), 1'795'401'432'000'000'001);
  for (const char* wrong : {"", "2026-11-23", "2026-13-23T02:37:12Z", "2026-11-23T02:37:12", "2026-11-23T02:37:12.Z",
                            "2026-11-23T02:37:12.1234567890Z", "2026-02-30T02:37:12Z", "2026-11-23T24:37:12Z"}) {
    EXPECT_FALSE(parse_time(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace acta::report
