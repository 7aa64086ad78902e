#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <limits>

#include "processors/accounting/decoder.h"
#include "processors/accounting/process_end.h"
#include "support/acct_writer.h"
#include "support/collect_sink.h"
#include "support/temp_dir.h"

namespace acta::accounting {
namespace {

using test::AcctFields;
using testing::HasSubstr;
using testing::StartsWith;

class AcctDecoder : public testing::Test {
 protected:
  AcctDecoder() {
    const test::TempDir dir;
    auto users = UserDb::of_files(dir.write("passwd", "alice:x:1000:1000:::\n"), dir.write("group", "staff:x:50:\n"));
    users_ = std::move(*users);
    HostInfo host;
    host.id = "h1";
    parts_ = std::make_unique<ConstantParts>(AgentInfo{.id = "a", .name = "n", .ephemeral_id = "e"}, host);
    services_.clock = &clock_;
    services_.parts = parts_.get();
    services_.users = users_.get();
    services_.host_id = "h1";
    origin_ = {.path = "/var/log/account/pacct",
               .fingerprint = "00112233aabbccdd",
               .inode = 7,
               .device = 8,
               .keep_original = false};
    decoder_ = make_decoder(services_, {});
    fields_.uid = 1000;
    fields_.gid = 50;
    fields_.pid = 4711;
    fields_.parent = 42;
    fields_.name = "true";
    fields_.elapsed_float = 250;
  }

  /// The document of the bytes at `offset`, parsed and checked to be valid JSON of valid UTF-8.
  rapidjson::Document feed(const std::string& bytes, uint64_t offset = 128, bool piece = false) {
    const RawItem item{.kind = RawKind::accounting_record,
                       .piece = piece,
                       .source = 3,
                       .begin = {1, offset},
                       .end = {1, offset + bytes.size()},
                       .bytes = bytes,
                       .origin = &origin_};
    decoder_->feed(item, 1800000000 * kSecond, sink_);
    rapidjson::Document json;
    const std::string& line = sink_.documents.back();
    json.Parse<rapidjson::kParseValidateEncodingFlag>(line.data(), line.size());
    EXPECT_FALSE(json.HasParseError()) << line;
    return json;
  }
  rapidjson::Document feed() { return feed(test::write_acct(fields_, 3, false)); }

  /// The value at a JSON pointer as JSON; "" when there is none.
  static std::string at(const rapidjson::Document& json, const char* pointer) {
    const rapidjson::Value* value = rapidjson::Pointer(pointer).Get(json);
    if (value == nullptr) return "";
    rapidjson::StringBuffer text;
    rapidjson::Writer<rapidjson::StringBuffer> writer(text);
    value->Accept(writer);
    return text.GetString();
  }

  SystemClock clock_;
  std::unique_ptr<UserDb> users_;
  std::unique_ptr<ConstantParts> parts_;
  Services services_;
  Origin origin_;
  std::unique_ptr<Decoder> decoder_;
  test::CollectSink sink_;
  AcctFields fields_;
};

TEST_F(AcctDecoder, AnEndOfAProcess) {
  const auto json = feed();
  EXPECT_EQ(at(json, "/@timestamp"), "\"2023-11-14T22:13:22.500Z\"");
  EXPECT_EQ(at(json, "/event/start"), "\"2023-11-14T22:13:20.000Z\"");
  EXPECT_EQ(at(json, "/event/end"), "\"2023-11-14T22:13:22.500Z\"");
  EXPECT_EQ(at(json, "/event/duration"), "2500000000");
  EXPECT_EQ(at(json, "/event/created"), "\"2027-01-15T08:00:00.000Z\"");
  EXPECT_EQ(at(json, "/event/kind"), "\"event\"");
  EXPECT_EQ(at(json, "/event/category"), "[\"process\"]");
  EXPECT_EQ(at(json, "/event/type"), "[\"end\"]");
  EXPECT_EQ(at(json, "/event/action"), "\"end\"");
  EXPECT_EQ(at(json, "/event/outcome"), "\"success\"");
  EXPECT_EQ(at(json, "/event/dataset"), "\"actabeat.accounting\"");
  EXPECT_EQ(at(json, "/event/module"), "\"actabeat\"");
  EXPECT_EQ(at(json, "/event/provider"), "\"kernel\"");
  EXPECT_EQ(at(json, "/event/sequence"), "2");
  EXPECT_EQ(at(json, "/process/pid"), "4711");
  EXPECT_EQ(at(json, "/process/parent/pid"), "42");
  EXPECT_EQ(at(json, "/process/name"), "\"true\"");
  EXPECT_EQ(at(json, "/process/exit_code"), "0");
  EXPECT_EQ(at(json, "/process/interactive"), "false");
  EXPECT_EQ(at(json, "/process/tty"), "");
  EXPECT_EQ(at(json, "/log/file/path"), "\"/var/log/account/pacct\"");
  EXPECT_EQ(at(json, "/acct/file"), "{\"device\":\"8\",\"inode\":\"7\"}");
  EXPECT_EQ(at(json, "/actabeat/offset"), "128");
  EXPECT_EQ(at(json, "/host/id"), "\"h1\"");
  EXPECT_EQ(at(json, "/acct/flags"), "");
  EXPECT_EQ(at(json, "/acct/exit"), "{\"status\":0}");
}

TEST_F(AcctDecoder, Identities) {
  auto json = feed();
  EXPECT_EQ(at(json, "/user"), "{\"group\":{\"id\":\"50\",\"name\":\"staff\"},\"id\":\"1000\",\"name\":\"alice\"}");
  EXPECT_EQ(at(json, "/process/real_user"), "{\"id\":\"1000\",\"name\":\"alice\"}");
  EXPECT_EQ(at(json, "/process/real_group"), "{\"id\":\"50\",\"name\":\"staff\"}");
  EXPECT_EQ(at(json, "/related/user"), "[\"alice\"]");
  fields_.uid = 4000000000;
  fields_.gid = UINT32_MAX;
  json = feed();
  EXPECT_EQ(at(json, "/user"), "{\"id\":\"4000000000\"}");
  EXPECT_EQ(at(json, "/related/user"), "[\"4000000000\"]");
  EXPECT_EQ(at(json, "/acct/gid"), "\"4294967295\"");
}

TEST_F(AcctDecoder, ExitCodesAndSignals) {
  fields_.exit_status = 0x0700;
  auto json = feed();
  EXPECT_EQ(at(json, "/process/exit_code"), "7");
  EXPECT_EQ(at(json, "/event/outcome"), "\"failure\"");
  EXPECT_EQ(at(json, "/acct/exit"), "{\"status\":1792}");
  fields_.exit_status = 0x8b;
  fields_.flags = kDumpedCore | kSignalled;
  json = feed();
  EXPECT_EQ(at(json, "/process/exit_code"), "139");
  EXPECT_EQ(at(json, "/event/reason"), "\"SIGSEGV\"");
  EXPECT_EQ(at(json, "/acct/exit"), "{\"core\":true,\"signal\":11,\"status\":139}");
  EXPECT_EQ(at(json, "/acct/flags"), "[\"core\",\"signal\"]");
  EXPECT_EQ(at(json, "/acct/flag_bits"), "24");
}

TEST_F(AcctDecoder, UsageInUnitsAndAsWritten) {
  fields_.user = 33;
  fields_.system = test::encode_comp(100000);
  fields_.memory = test::encode_comp(1352192);
  fields_.io = 905;
  fields_.minor_faults = 3;
  const auto json = feed();
  EXPECT_EQ(at(json, "/acct/cpu/user"), "{\"comp\":33,\"ns\":330000000}");
  EXPECT_EQ(at(json, "/acct/cpu/system/ns"), "1000320000000");
  EXPECT_EQ(at(json, "/acct/cpu/total/ns"), "1000650000000");
  EXPECT_EQ(at(json, "/acct/memory/bytes"), std::to_string(1352192 * 1024));
  EXPECT_EQ(at(json, "/acct/io"), "{\"blocks\":0,\"chars\":905,\"comp\":905}");
  EXPECT_EQ(at(json, "/acct/faults"), "{\"major\":0,\"minor\":3}");
  EXPECT_EQ(at(json, "/acct/elapsed"), "{\"raw\":1132068864,\"ticks\":250}");
}

TEST_F(AcctDecoder, Terminals) {
  char buffer[kTtyNameMax];
  const auto name = [&buffer](unsigned major, unsigned minor) {
    return std::string(tty_name(static_cast<uint16_t>((major << 8) | minor), buffer));
  };
  EXPECT_EQ(name(0, 0), "");
  EXPECT_EQ(name(136, 3), "pts/3");
  EXPECT_EQ(name(137, 0), "pts/256");
  EXPECT_EQ(name(143, 255), "pts/2047");
  EXPECT_EQ(name(4, 1), "tty1");
  EXPECT_EQ(name(4, 64), "ttyS0");
  EXPECT_EQ(name(5, 0), "tty");
  EXPECT_EQ(name(5, 1), "console");
  EXPECT_EQ(name(204, 64), "ttyAMA0");
  EXPECT_EQ(name(255, 255), "[255,255]");
  fields_.tty = (136 << 8) | 3;
  const auto json = feed();
  EXPECT_EQ(at(json, "/process/tty/char_device"), "{\"major\":136,\"minor\":3}");
  EXPECT_EQ(at(json, "/process/interactive"), "true");
  EXPECT_EQ(at(json, "/acct/tty"), "\"pts/3\"");
  EXPECT_EQ(at(json, "/acct/tty_number"), "34819");
}

TEST_F(AcctDecoder, NamesOfAnyBytes) {
  fields_.name = "caf\xc3\xa9";
  EXPECT_EQ(at(feed(), "/acct/comm_hex"), "");
  fields_.name = "a\xff\x1b[2J";
  const auto json = feed();
  EXPECT_EQ(at(json, "/acct/comm_hex"), "\"61ff1b5b324a\"");
  EXPECT_EQ(rapidjson::Pointer("/process/name").Get(json)->GetString(), std::string("a\xef\xbf\xbd\x1b[2J"));
  fields_.name = "";
  EXPECT_EQ(at(feed(), "/process/name"), "");
  EXPECT_EQ(at(feed(), "/acct/comm_truncated"), "");
  fields_.name = "kworker/0:3-eve";
  EXPECT_EQ(at(feed(), "/acct/comm_truncated"), "true");
  EXPECT_FALSE(is_printable_text("\xc2\x85"));
  EXPECT_FALSE(is_printable_text("\x7f"));
  EXPECT_TRUE(is_printable_text("\xc2\xa0"));
}

TEST_F(AcctDecoder, AbsurdTimesGiveValidDocuments) {
  for (const float elapsed : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -1.0f,
                              std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()}) {
    fields_.elapsed_float = elapsed;
    const auto json = feed();
    EXPECT_EQ(at(json, "/@timestamp"), "\"2023-11-14T22:13:20.000Z\"");
    EXPECT_EQ(at(json, "/event/end"), "");
    EXPECT_EQ(at(json, "/event/duration"), "");
    EXPECT_THAT(at(json, "/error/message"), HasSubstr("elapsed"));
    EXPECT_THAT(at(json, "/acct/elapsed/ticks"), testing::Ne("null"));
  }
  fields_.elapsed_float = 4.2e11f;
  fields_.begin = UINT32_MAX;
  EXPECT_THAT(at(feed(), "/@timestamp"), StartsWith("\"2239-"));
  fields_.elapsed_float = 0;
  fields_.begin = 0;
  EXPECT_EQ(at(feed(), "/@timestamp"), "\"1970-01-01T00:00:00.000Z\"");
}

TEST_F(AcctDecoder, IdsAreOfPlaceAndContent) {
  const std::string bytes = test::write_acct(fields_, 3, false);
  feed(bytes, 0);
  feed(bytes, 64);
  feed(bytes, 64);
  EXPECT_THAT(sink_.ids[0], testing::MatchesRegex("h1:pacct:00112233aabbccdd:0:[0-9a-f]+"));
  EXPECT_EQ(sink_.ids[0].size(), std::string("h1:pacct:00112233aabbccdd:0:").size() + 16);
  EXPECT_NE(sink_.ids[0], sink_.ids[1]);
  EXPECT_EQ(sink_.ids[1], sink_.ids[2]);
  EXPECT_EQ(sink_.documents[1], sink_.documents[2]);
  fields_.pid = 1;
  feed(test::write_acct(fields_, 3, false), 64);
  EXPECT_NE(sink_.ids[3], sink_.ids[2]);
  EXPECT_EQ(sink_.provenances[1].begin, (Position{1, 64}));
  EXPECT_EQ(sink_.provenances[1].end, (Position{1, 128}));
  EXPECT_EQ(sink_.provenances[1].source, 3);
  EXPECT_EQ(sink_.provenances[1].records, 1u);
}

TEST_F(AcctDecoder, WhatIsNoRecordBecomesAnErrorWithItsBytes) {
  const auto json = feed(std::string("\x00\xff\x10", 3), 192, true);
  EXPECT_EQ(at(json, "/event/kind"), "\"pipeline_error\"");
  EXPECT_EQ(at(json, "/event/dataset"), "\"actabeat.accounting\"");
  EXPECT_EQ(at(json, "/actabeat/raw_hex"), "\"00ff10\"");
  EXPECT_THAT(at(json, "/error/message"), HasSubstr("3 bytes"));
  EXPECT_EQ(at(json, "/actabeat/offset"), "192");
  EXPECT_THAT(at(json, "/event/id"), StartsWith("\"h1:pacct:00112233aabbccdd:192:"));
  std::string unknown = test::write_acct(fields_, 3, false);
  unknown[1] = 9;
  EXPECT_EQ(at(feed(unknown), "/event/kind"), "\"pipeline_error\"");
  EXPECT_EQ(at(feed(""), "/event/kind"), "\"pipeline_error\"");
}

TEST_F(AcctDecoder, KeepsTheOriginalWhenAsked) {
  EXPECT_EQ(at(feed(), "/event/original"), "");
  origin_.keep_original = true;
  EXPECT_EQ(at(feed(), "/event/original").size(), 2u + 128u);
}

TEST_F(AcctDecoder, OldVersions) {
  fields_.elapsed_comp = test::encode_comp(500);
  fields_.elapsed_comp2 = 500;
  fields_.ahz = 250;
  auto json = feed(test::write_acct(fields_, 2, true));
  EXPECT_EQ(at(json, "/event/duration"), "2000000000");
  EXPECT_EQ(at(json, "/acct/ahz"), "250");
  EXPECT_EQ(at(json, "/acct/version"), "2");
  EXPECT_EQ(at(json, "/acct/big_endian"), "true");
  EXPECT_EQ(at(json, "/process/pid"), "");
  EXPECT_EQ(at(json, "/process/parent"), "");
  json = feed(test::write_acct(fields_, 1, false), 124);
  EXPECT_EQ(at(json, "/event/duration"), "5000000000");
  EXPECT_EQ(at(json, "/event/sequence"), "2");
  EXPECT_EQ(at(json, "/acct/elapsed"), "{\"comp\":500,\"raw\":500,\"ticks\":500}");
}

TEST_F(AcctDecoder, NothingStaysOpen) {
  EXPECT_EQ(decoder_->oldest_open(0), (Position{UINT64_MAX, UINT64_MAX}));
  EXPECT_EQ(decoder_->open_records(0), 0u);
  EXPECT_EQ(decoder_->kind(), RawKind::accounting_record);
}

}  // namespace
}  // namespace acta::accounting
