#include "sys/acct_file.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/acct_writer.h"

namespace acta::accounting {
namespace {

std::string record(const std::string& name, int version = 3, bool big_endian = false) {
  test::AcctFields f;
  f.uid = 1000;
  f.pid = 4711;
  f.parent = 4710;
  f.tty = 0x8801;
  f.elapsed_float = 12;
  f.memory = 2364;
  f.minor_faults = 893;
  f.name = name;
  return test::write_acct(f, version, big_endian);
}

/// "r64 p20 …" of the whole of `bytes`, and the answer when it is not clear yet: "?".
std::string cuts(std::string_view bytes, bool last = true) {
  std::string text;
  while (!bytes.empty()) {
    const Cut next = cut(bytes, last);
    if (next.what == Cut::What::more) return text + "?";
    text += (next.what == Cut::What::record ? "r" : "p") + std::to_string(next.size) + " ";
    bytes.remove_prefix(next.size);
  }
  return text;
}

TEST(AcctFile, WholeRecordsOfAnyVersion) {
  EXPECT_EQ(cuts(record("a") + record("b", 2) + record("c", 0) + record("d", 4) + record("e", 3, true)),
            "r64 r64 r64 r64 r64 ");
  EXPECT_EQ(cuts(record("a", 1) + record("b", 1, true) + record("c")), "r62 r62 r64 ");
}

TEST(AcctFile, Version1PaddedTo64) {
  const std::string padded = record("a", 1) + std::string(2, '\0');
  EXPECT_EQ(cuts(padded + padded + padded), "r64 r64 r64 ");
}

TEST(AcctFile, APartialRecordWaitsForMoreAndIsAPieceAtTheEnd) {
  const std::string bytes = record("a") + record("b").substr(0, 40);
  EXPECT_EQ(cuts(bytes, false), "r64 ?");
  EXPECT_EQ(cuts(bytes, true), "r64 p40 ");
  EXPECT_EQ(cut("", true).what, Cut::What::more);
}

TEST(AcctFile, ATornRecordIsAPieceAndAllAfterItAreFound) {
  for (size_t size = 1; size < 63; ++size) {
    const std::string torn = record("torn-record").substr(0, size);
    const std::string expected = "r64 p" + std::to_string(size) + " r64 r64 r64 ";
    EXPECT_EQ(cuts(record("a") + torn + record("b") + record("c") + record("d")), expected) << size;
  }
}

TEST(AcctFile, ARecordThatLacksItsLastByteCostsTheNextOne) {
  // The last byte of a name is NUL, as is the first of most records: what stands there is whole, only the next is not.
  const std::string bytes = record("a") + record("b").substr(0, 63) + record("c") + record("d");
  EXPECT_EQ(cuts(bytes), "r64 r64 p63 r64 ");
}

TEST(AcctFile, UnknownVersionsArePiecesOfTheirOwn) {
  std::string odd = record("odd");
  odd[1] = 6;
  EXPECT_EQ(cuts(record("a") + odd + record("b")), "r64 p64 r64 ");
  EXPECT_EQ(cuts(odd), "p64 ");
}

TEST(AcctFile, ARecordWithAnOddNameBetweenOthersIsARecord) {
  std::string odd = record("odd");
  odd[63] = 'x';
  EXPECT_FALSE(is_record(odd));
  EXPECT_EQ(cuts(record("a") + odd + record("b")), "r64 r64 r64 ");
  EXPECT_EQ(cuts(record("a") + odd), "r64 r64 ");
  EXPECT_EQ(cuts(record("a") + odd, false), "r64 ?");
}

TEST(AcctFile, NamesThatUsersMayGiveAreNoPieces) {
  for (const char* name : {"", "\x01", "\x1b[2J", "\x7f"}) {
    const std::string odd = record(name);
    EXPECT_TRUE(may_be_record(odd));
    EXPECT_FALSE(is_record(odd));
    EXPECT_EQ(cuts(odd), "r64 ");
    EXPECT_EQ(cuts(odd, false), "?");
    EXPECT_EQ(cuts(record("a") + odd + odd + odd + record("b")), "r64 r64 r64 r64 r64 ");
    std::string many;
    std::string expected;
    for (int i = 0; i < 200; ++i) {
      many += odd;
      expected += "r64 ";
    }
    EXPECT_EQ(cuts(many + record("b")), expected + "r64 ");
    EXPECT_EQ(cuts(many), expected);
  }
}

TEST(AcctFile, NulsAreNoRecords) {
  EXPECT_FALSE(is_record(std::string(64, '\0')));
  EXPECT_EQ(cuts(record("a") + std::string(128, '\0') + record("b")), "r64 p128 r64 ");
  EXPECT_EQ(cuts(record("a") + std::string(64, '\0') + record("b")), "r64 p64 r64 ");
  EXPECT_EQ(cuts(std::string(10000, '\0')), "p4096 p4096 p1808 ");
}

TEST(AcctFile, WhatIsCutDoesNotDependOnHowMuchIsThere) {
  std::string bytes = record("a") + record("torn").substr(0, 20) + record("b") + std::string(5000, '\xff') +
                      record("c") + record("d", 1);
  bytes += record("e").substr(0, 30);
  const std::string expected = cuts(bytes);
  std::string text;
  size_t at = 0;
  for (size_t seen = 1; seen <= bytes.size(); ++seen) {
    for (;;) {
      const Cut next = cut(std::string_view(bytes).substr(at, seen - at), seen == bytes.size());
      if (next.what == Cut::What::more) break;
      text += (next.what == Cut::What::record ? "r" : "p") + std::to_string(next.size) + " ";
      at += next.size;
    }
  }
  EXPECT_EQ(text, expected);
  EXPECT_EQ(expected, "r64 p20 r64 p4096 p904 r64 r62 p30 ");
}

}  // namespace
}  // namespace acta::accounting
