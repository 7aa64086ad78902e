#include "event/encoder.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace acta {
namespace {

using enum FieldId;

std::string encoded(const Event& event) {
  std::string out;
  Encoder::encode(event, out);
  return out;
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

TEST(Encoder, NestsFieldsAndClosesObjects) {
  Event event;
  event.set(kProcessParentPid, int64_t{1});
  event.set_time(kTimestamp, 1795401432'976000000);
  event.add(kProcessArgs, "ls");
  event.add(kProcessArgs, "-l");
  event.set(kProcessPid, int64_t{-7});
  event.set(kFilePath, "/a\"b");
  event.set(kProcessInteractive, true);
  EXPECT_EQ(encoded(event),
            R"({"@timestamp":"2026-11-23T02:37:12.976Z","file":{"path":"/a\"b"},"process":{"args":["ls","-l"],)"
            R"("interactive":true,"parent":{"pid":1},"pid":-7}})");
}

TEST(Encoder, WritesMapsAndListsOfObjectsWithGroups) {
  Event event;
  event.put(kAuditdData, "a0", "1");
  event.put(kAuditdData, "family", "unix", "socket");
  event.put(kAuditdData, "path", "/x", "socket");
  event.put_in(kAuditdPaths, 0, "name", "/a");
  event.put_in(kAuditdPaths, 0, "mode", "file,644", "interpreted");
  event.put_in(kAuditdPaths, 1, "mode", "dir,755", "interpreted");
  EXPECT_EQ(encoded(event),
            R"({"auditd":{"data":{"a0":"1","socket":{"family":"unix","path":"/x"}},)"
            R"("paths":[{"name":"/a","interpreted":{"mode":"file,644"}},{"interpreted":{"mode":"dir,755"}}]}})");
  ASSERT_NE(event.find(kAuditdData, "socket.family"), nullptr);
  EXPECT_EQ(event.find(kAuditdData, "socket.family")->text(), "unix");
  EXPECT_EQ(event.find(kAuditdData, "family"), nullptr);
}

TEST(Encoder, LastScalarWinsAndErasedIsGone) {
  Event event;
  event.set(kEventAction, "a");
  event.set(kEventAction, "b");
  event.set(kEventKind, "event");
  event.erase(kEventKind);
  EXPECT_EQ(encoded(event), R"({"event":{"action":"b"}})");
  event.clear();
  EXPECT_EQ(encoded(event), "{}");
}

TEST(Encoder, CopiesTheConstantPartAndLetsOneEventChangeIt) {
  Event constant;
  constant.set(kHostName, "web-1");
  constant.set(kHostOsType, "linux");
  constant.add(kHostIp, "10.0.0.1");
  const ConstantPart part(std::move(constant));
  Event event;
  event.set_constant(&part);
  event.set(kEventKind, "event");
  const std::string whole =
      R"({"host":{"ip":["10.0.0.1"],"name":"web-1","os":{"type":"linux"}},"event":{"kind":"event"}})";
  EXPECT_EQ(encoded(event), whole);
  EXPECT_EQ(event.text(kHostName), "web-1");
  event.set(kHostName, "other");
  EXPECT_EQ(encoded(event),
            R"({"host":{"ip":["10.0.0.1"],"name":"other","os":{"type":"linux"}},"event":{"kind":"event"}})");
  event.clear();
  event.set_constant(&part);
  EXPECT_EQ(encoded(event), R"({"host":{"ip":["10.0.0.1"],"name":"web-1","os":{"type":"linux"}}})");
}

TEST(Encoder, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(json_string("\x1b[2J\x7f\xc2\x9b!"), "\"\\u001B[2J\\u007F\\u009B!\"");
  EXPECT_EQ(json_string(std::string_view("\0", 1)), "\"\\u0000\"");
}

TEST(Encoder, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(json_string("a\xff\xc3"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(json_string("\xed\xa0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(json_string("\xc3\xa9\xf0\x9f\x98\x80"), "\"\xc3\xa9\xf0\x9f\x98\x80\"");
}

TEST(Encoder, TimesOfEveryPrecision) {
  std::string out;
  append_iso_time(0, out);
  append_iso_time(1'000'000'001, out);
  append_iso_time(INT64_MAX, out);
  append_iso_time(-5, out);
  EXPECT_EQ(
      out,
      "1970-01-01T00:00:00.000Z1970-01-01T00:00:01.000000001Z2262-04-11T23:47:16.854775807Z1970-01-01T00:00:00.000Z");
}

// RapidJSON's writer is the oracle for text without the controls that only we escape.
TEST(Encoder, EqualsRapidJsonByteForByte) {
  constexpr unsigned kSeed = 20261123;
  std::mt19937 random(kSeed);
  const std::string pieces[] = {"a",
                                "\"",
                                "\\",
                                "\n",
                                "\t",
                                "\x01",
                                "\xc3\xa9",
                                "\xe2\x82\xac",
                                "\xf0\x9f\x98\x80",
                                " ",
                                "/",
                                "0123456789abcdef",
                                "\x1f"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (auto n = random() % 40; n > 0; --n) text += pieces[random() % std::size(pieces)];
    rapidjson::StringBuffer expected;
    rapidjson::Writer<rapidjson::StringBuffer> writer(expected);
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    ASSERT_EQ(json_string(text), std::string(expected.GetString(), expected.GetSize()))
        << "seed " << kSeed << " round " << round;
  }
}

size_t leaves(const rapidjson::Value& value) {
  if (!value.IsObject()) return 1;
  size_t count = 0;
  for (const auto& member : value.GetObject()) count += leaves(member.value);
  return count;
}

// More sets than layouts are kept, each at once again and later again.
TEST(Encoder, AnySetOfFieldsIsNestedOnce) {
  constexpr unsigned kSeed = 20261126;
  std::mt19937 random(kSeed);
  Event fixed;
  fixed.set(kAgentName, "fixed");
  fixed.set(kHostName, "fixed");
  const ConstantPart constant(std::move(fixed));
  Event event;
  for (int round = 0; round < 4000; ++round) {
    const bool has_constant = random() % 2 == 0;
    std::mt19937 sets(static_cast<unsigned>(round / 2 % 700));
    std::vector<FieldId> fields;
    event.clear();
    event.set_constant(has_constant ? &constant : nullptr);
    for (uint16_t i = 0; i < kFieldCount; ++i) {
      const FieldId id{i};
      const bool is_fixed = id <= kLastConstantField && id != kTimestamp;
      if (field_form(id) != FieldForm::scalar || sets() % 8 != 0 || (is_fixed && has_constant)) continue;
      event.set(id, field_info(id).name);
      fields.push_back(id);
    }
    const std::string json = encoded(event);
    rapidjson::Document document;
    document.Parse(json.data(), json.size());
    ASSERT_FALSE(document.HasParseError()) << json;
    for (const FieldId id : fields) {
      std::string path = "/" + std::string(field_info(id).name);
      std::replace(path.begin(), path.end(), '.', '/');
      const rapidjson::Value* found = rapidjson::Pointer(path.c_str()).Get(document);
      ASSERT_TRUE(found != nullptr && found->IsString()) << path << " in " << json;
      ASSERT_EQ(found->GetString(), field_info(id).name);
    }
    ASSERT_EQ(leaves(document), fields.size() + (has_constant ? 2 : 0)) << json;
  }
}

TEST(Encoder, PlainTextIsWrittenAsItIs) {
  for (size_t size = 0; size < 5000; size += size < 200 ? 1 : 4799) {
    const std::string text(size, 'x');
    const std::string_view view = size == 0 ? std::string_view{} : text;  // one that is nowhere
    Event event;
    event.put(kAuditdData, "a", Value(view, true));
    event.put(kAuditdData, "b", Value(text));
    EXPECT_EQ(encoded(event), R"({"auditd":{"data":{"a":")" + text + R"(","b":")" + text + R"("}}})");
  }
}

// Each thread has a buffer of its own, which is small at first: wherever it ends, nothing is written behind it.
TEST(Encoder, GrowsItsBufferWhereverADocumentReachesItsEnd) {
  static constexpr char kPid[kFragmentBytes] = R"(,"pid":)";
  static constexpr char kName[kFragmentBytes] = R"(,"name":)";
  for (size_t filler = 3500; filler < 4300; ++filler) {
    std::thread([filler] {
      Event event;
      event.set(kMessage, std::string(filler, 'f'));
      event.put(kAuditdData, {"pid", kPid}, std::string_view("a text of more than a block or two, of all plain bytes"));
      for (uint32_t item = 0; item < 2; ++item) {
        event.put_in(kAuditdPaths, item, {"name", kName}, std::string_view("/tmp"));
        event.put_in(kAuditdPaths, item, "inode", "\x01\x02", "interpreted");
      }
      event.add(kTags, "tag");
      event.add(kTags, std::string(70, 't'));
      event.set(kProcessPid, int64_t{1234567890123456789});
      rapidjson::Document document;
      const std::string json = encoded(event);
      document.Parse(json.data(), json.size());
      EXPECT_FALSE(document.HasParseError()) << json;
    }).join();
  }
}

TEST(Encoder, AnyBytesGiveValidJson) {
  constexpr unsigned kSeed = 7;
  std::mt19937 random(kSeed);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (auto n = random() % 60; n > 0; --n) text += static_cast<char>(random());
    Event event;
    event.set(kMessage, text);
    event.put(kAuditdData, text, text);
    const std::string json = encoded(event);
    rapidjson::Document document;
    document.Parse<rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
    ASSERT_FALSE(document.HasParseError()) << "seed " << kSeed << " round " << round;
    ASSERT_TRUE(is_utf8(json));
  }
}

}  // namespace
}  // namespace acta
