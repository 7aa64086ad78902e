#include <gtest/gtest.h>
#include <libaudit.h>

#include <string>
#include <vector>

#include "processors/audit/record.h"
#include "processors/audit/scan.h"

namespace acta::audit {
namespace {

Record parsed(std::string_view line) {
  auto record = parse_record(line);
  EXPECT_TRUE(record.has_value()) << line << ": " << (record ? "" : record.error().what);
  return record ? *record : Record{};
}

std::string error_of(std::string_view line) {
  auto record = parse_record(line);
  EXPECT_FALSE(record.has_value()) << line;
  if (record) return {};
  EXPECT_EQ(record.error().code, Errc::corrupt);
  return record.error().what;
}

TEST(AuditRecord, ReadsTheHeadAsAuditdWritesIt) {
  const Record record = parsed(
      "node=h1.example type=SYSCALL msg=audit(1170021493.977:293): arch=c000003e key=(null)\x1d"
      "ARCH=x86_64\n");
  EXPECT_EQ(record.key.node, "h1.example");
  EXPECT_EQ(record.key.second, 1170021493);
  EXPECT_EQ(record.key.millisecond, 977u);
  EXPECT_EQ(record.key.serial, 293u);
  EXPECT_EQ(record.key.time(), 1170021493977000000);
  EXPECT_EQ(record.type, 1300);
  EXPECT_EQ(record.type_name, "SYSCALL");
  EXPECT_EQ(record.body, "arch=c000003e key=(null)");
  EXPECT_EQ(record.enriched, "ARCH=x86_64");
  EXPECT_EQ(record.line.back(), '4');
}

TEST(AuditRecord, ReadsTheOtherForms) {
  EXPECT_EQ(parsed("audit(1.002:3): op=x").type, 0);
  EXPECT_EQ(parsed("audit(1.002:3): op=x").body, "op=x");
  EXPECT_EQ(parsed("msg=audit(1.002:3): op=x").key.serial, 3u);
  EXPECT_EQ(parsed("type=1400 audit(1.002:3): apparmor=\"DENIED\"").type, 1400);
  EXPECT_EQ(parsed("type=UNKNOWN[1423] msg=audit(1.002:3): a=b").type, 1423);
  EXPECT_EQ(parsed("type=UNKNOWN[1423] msg=audit(1.002:3): a=b").type_name, "UNKNOWN[1423]");
  EXPECT_EQ(parsed("type=NEWS msg=audit(1.002:3): a=b").type, 0);
  EXPECT_EQ(parsed("type=NEWS msg=audit(1.002:3): a=b").type_name, "NEWS");
  EXPECT_EQ(parsed("type=DAEMON_CONFIG msg=audit(1490239800.477:34) config changed, auid=0").body,
            "config changed, auid=0");
  EXPECT_EQ(parsed("type=EOE msg=audit(1.002:3): ").body, "");
  EXPECT_EQ(parsed("type=EOE msg=audit(1.002:3):").body, "");
  EXPECT_EQ(parsed("type=EXECVE msg=audit(1.002:3):  a4[2]=42").body, " a4[2]=42");
}

TEST(AuditRecord, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of(""), "no 'audit(' where it belongs at byte 0");
  EXPECT_EQ(error_of("type=SYSCALL"), "no record type at byte 5");
  EXPECT_EQ(error_of("node= type=SYSCALL msg=audit(1.002:3): a=b"), "no node name at byte 5");
  EXPECT_EQ(error_of("type=UNKNOWN[1329] msg=?\x01"), "no 'audit(' where it belongs at byte 23");
  EXPECT_EQ(error_of("audit(-1.002:3): a=b"), "no seconds in the time stamp at byte 6");
  EXPECT_EQ(error_of("audit(99999999999999999999.002:3): a=b"), "seconds of the time stamp out of range at byte 26");
  EXPECT_EQ(error_of("audit(1:3): a=b"), "no '.' after the seconds at byte 7");
  EXPECT_EQ(error_of("audit(1.1000:3): a=b"), "no milliseconds (0 to 999) in the time stamp at byte 12");
  EXPECT_EQ(error_of("audit(1.002): a=b"), "no ':' after the milliseconds at byte 11");
  EXPECT_EQ(error_of("audit(1.002:x): a=b"), "no serial number at byte 12");
  EXPECT_EQ(error_of("audit(1.002:3"), "no ')' after the serial number at byte 13");
  EXPECT_EQ(error_of(std::string_view("\0type=", 6)), "no 'audit(' where it belongs at byte 0");
}

// What was remembered of the line before must not change what is read of the next.
TEST(AuditRecord, AParserOfManyLinesReadsEachAsOneOfItsOwn) {
  const std::string stamps[] = {"1.002:3",
                                "1.002:3",
                                "1.002:34",
                                "1.002:3",
                                "11.002:3",
                                "1795406570.884:1580461",
                                "1795406570.884:1580462",
                                "1795406570.885:1580462",
                                "1795406570.884:18446744073709551615",
                                "00000000000000000000000000000001.002:3",
                                "1795406570.884:1580461"};
  const std::string ends[] = {
      "): op=x and much more behind it than any stamp is long", "): ", "):", ")", "", "x): op=x"};
  RecordParser parser;
  for (const std::string& end : ends) {
    for (const std::string& stamp : stamps) {
      for (const std::string before : {"", "node=h type=CWD ", "type=UNKNOWN[1999] ", "type=PATH "}) {
        const std::string line = before + "msg=audit(" + stamp + end;
        const auto expected = parse_record(line);
        Record record = parsed("node=other type=PATH msg=audit(7.777:7): op=other\x1dUID=\"other\"");
        const auto result = parser.parse(line, record);
        ASSERT_EQ(result.has_value(), expected.has_value()) << line;
        if (!result) {
          EXPECT_EQ(result.error().what, expected.error().what) << line;
          continue;
        }
        EXPECT_EQ(record.key, expected->key) << line;
        EXPECT_EQ(record.body, expected->body) << line;
        EXPECT_EQ(record.type, expected->type) << line;
        EXPECT_EQ(record.type_name, expected->type_name) << line;
        EXPECT_EQ(record.enriched, expected->enriched) << line;
        EXPECT_EQ(record.line, expected->line) << line;
      }
    }
  }
}

TEST(AuditRecord, NumbersAtTheirLimits) {
  EXPECT_EQ(parsed("audit(1.002:18446744073709551615): ").key.serial, UINT64_MAX);
  EXPECT_EQ(parsed("audit(1.002:18446744073709551616): ").key.serial, UINT64_MAX);
  EXPECT_EQ(parsed("audit(1.002:99999999999999999999999): ").key.serial, UINT64_MAX);
  EXPECT_EQ(parsed("audit(9223372035.999:1): ").key.time(), 9223372035999000000);
  EXPECT_FALSE(parse_record("audit(9223372036.000:1): ").has_value());
}

TEST(AuditRecord, EnrichedTailIsTheLastOneAndNeverAUsersText) {
  const Record record = parsed(
      "type=USER msg=audit(1.002:3): pid=1 msg='x \x1dUID=\"root\" res=success'\x1d"
      "UID=\"bob\"");
  EXPECT_EQ(record.enriched, "UID=\"bob\"");
  EXPECT_EQ(parsed("type=USER msg=audit(1.002:3): pid=1 msg='x \x1dUID=\"root\"'").enriched, "");
  EXPECT_EQ(parsed("type=USER msg=audit(1.002:3): pid=1\x1d").body, "pid=1");
}

TEST(AuditRecord, HashTellsKeysApartAndStays) {
  const EventKey key{"n", 1, 2, 3};
  EXPECT_NE(hash(key), hash(EventKey{"m", 1, 2, 3}));
  EXPECT_NE(hash(key), hash(EventKey{"", 1, 2, 3}));
  EXPECT_NE(hash(EventKey{"", 1, 2, 3}), hash(EventKey{"", 1, 3, 2}));
  EXPECT_NE(hash(EventKey{"", 1, 2, 3}), hash(EventKey{"", 2, 2, 3}));
  // Kept in registries: a change here would make resumes publish records twice.
  EXPECT_EQ(hash(EventKey{"", 1170021493, 977, 293}), 0xcb8bfcb1f0276df9u);
  EXPECT_EQ(hash(EventKey{"h1", 1170021493, 977, 293}), 0x807b717911dcd152u);
}

TEST(AuditRecordType, KnowsEveryNameOfLibaudit) {
  int names = 0;
  for (int number = 1000; number < 3000; ++number) {
    const char* name = audit_msg_type_to_name(number);
    if (name == nullptr || std::string_view(name).starts_with("UNKNOWN")) continue;
    ++names;
    EXPECT_EQ(type_number(name), number) << name;
    EXPECT_EQ(type_name(static_cast<uint16_t>(number)), name);
  }
  EXPECT_GE(names, 195);
}

TEST(AuditRecordType, KnowsNewerNamesAndNumbers) {
  EXPECT_EQ(type_number("LANDLOCK_ACCESS"), 1423);
  EXPECT_EQ(type_number("LANDLOCK_DOMAIN"), 1424);
  EXPECT_EQ(type_name(1338), "DM_CTRL");
  EXPECT_EQ(type_name(1339), "DM_EVENT");
  EXPECT_EQ(type_number("UNKNOWN[65535]"), 65535);
  EXPECT_EQ(type_number("UNKNOWN[65536]"), 0);
  EXPECT_EQ(type_number("UNKNOWN[]"), 0);
  EXPECT_EQ(type_number("UNKNOWN[12"), 0);
  EXPECT_EQ(type_number("UNKNOWN["), 0);
  EXPECT_EQ(type_number("UNKNOWN[-1]"), 0);
  EXPECT_EQ(type_number("1300x"), 0);
  EXPECT_EQ(type_number("syscall"), 0);
  EXPECT_EQ(type_number(""), 0);
  EXPECT_EQ(type_name(0), "");
  EXPECT_EQ(type_name(2599), "");
  EXPECT_EQ(type_name(65535), "");
}

TEST(AuditHex, DecodesEvenHexOnly) {
  std::string out = "old";
  EXPECT_TRUE(decode_hex("2F00fF", out));
  EXPECT_EQ(out, std::string("/\0\xff", 3));
  EXPECT_TRUE(append_hex("41", out));
  EXPECT_EQ(out.back(), 'A');
  const std::string before = out;
  EXPECT_FALSE(decode_hex("2F0", out));
  EXPECT_FALSE(decode_hex("2G", out));
  EXPECT_FALSE(append_hex("4\xff", out));
  EXPECT_EQ(out, before);
  EXPECT_TRUE(decode_hex("", out));
  EXPECT_EQ(out, "");
  EXPECT_TRUE(is_hex("dEad"));
  EXPECT_FALSE(is_hex("0x10"));
}

TEST(AuditHex, EveryByteAtEveryPlace) {
  const std::string digits = "0123456789abcdefABCDEF";
  for (size_t place = 0; place < 20; ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string hex = "00112233445566778899";
      hex[place] = static_cast<char>(byte);
      std::string bytes;
      const bool is_digit = digits.find(static_cast<char>(byte)) != std::string::npos;
      ASSERT_EQ(append_hex(hex, bytes), is_digit) << place << " " << byte;
      if (!is_digit) continue;
      EXPECT_EQ(static_cast<uint8_t>(bytes[place / 2]), std::stoul(hex.substr(place / 2 * 2, 2), nullptr, 16));
    }
  }
}

TEST(AuditHex, NumbersOfUpToSixteenDigits) {
  EXPECT_EQ(read_hex("0"), 0u);
  EXPECT_EQ(read_hex("7ffc0aBD"), 0x7ffc0abdu);
  EXPECT_EQ(read_hex("0xc000003e"), 0xc000003eu);
  EXPECT_EQ(read_hex("ffffffffffffff9c"), 0xffffffffffffff9cu);
  for (const char* bad : {"", "0x", "-1", "+1", " 1", "1 ", "12g", "0x0x1", "10000000000000000"})
    EXPECT_EQ(read_hex(bad), std::nullopt) << bad;
}

TEST(AuditScan, FindsTextAtEveryPlace) {
  constexpr std::string_view kWanted = " items=";
  EXPECT_EQ(scan::find_text({}, kWanted), nullptr);
  for (size_t size = kWanted.size(); size < 80; ++size) {
    for (size_t at = 0; at + kWanted.size() <= size; ++at) {
      std::string text(size, ' ');
      for (size_t i = 1; i < size; i += 3) text[i] = 'i';  // many beginnings
      ASSERT_EQ(scan::find_text(text, kWanted), nullptr);
      text.replace(at, kWanted.size(), kWanted);
      const std::vector<char> exact(text.begin(), text.end());  // nothing may be read behind it
      const char* found = scan::find_text({exact.data(), exact.size()}, kWanted);
      ASSERT_EQ(found, exact.data() + at) << size;
    }
  }
}

}  // namespace
}  // namespace acta::audit
