#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "processors/accounting/record.h"
#include "support/acct_writer.h"

namespace acta::accounting {
namespace {

using test::AcctFields;
using test::write_acct;

AcctFields sample() {
  AcctFields f;
  f.flags = kForked | kSuperuser;
  f.tty = (136 << 8) | 3;
  f.exit_status = 0x0100;
  f.uid = 1000;
  f.gid = 100;
  f.pid = 4711;
  f.parent = 42;
  f.elapsed_float = 74565;
  f.elapsed_comp = test::encode_comp(74565);
  f.elapsed_comp2 = test::encode_comp2(74565);
  f.user = 150;
  f.system = 50;
  f.memory = test::encode_comp(1352192);
  f.io = 7;
  f.rw = 8;
  f.minor_faults = 9;
  f.major_faults = 10;
  f.swaps = 11;
  f.ahz = 250;
  f.name = "fifteen-letters";
  return f;
}

struct Form {
  int version;
  bool big_endian;
};

class Versions : public testing::TestWithParam<Form> {};

TEST_P(Versions, EveryFieldComesBack) {
  const auto [version, big_endian] = GetParam();
  const AcctFields f = sample();
  const std::string bytes = write_acct(f, version, big_endian);
  const auto record = decode(bytes, 128);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->version, version);
  EXPECT_EQ(record->big_endian, big_endian);
  EXPECT_EQ(record->flags, f.flags);
  EXPECT_EQ(record->tty, f.tty);
  EXPECT_EQ(record->exit_status, f.exit_status);
  EXPECT_EQ(record->uid, f.uid);
  EXPECT_EQ(record->gid, f.gid);
  EXPECT_EQ(record->begin, f.begin);
  EXPECT_EQ(record->user.value(), 150u);
  EXPECT_EQ(record->system.value(), 50u);
  EXPECT_EQ(record->memory.bits, f.memory);
  EXPECT_EQ(record->io.value(), 7u);
  EXPECT_EQ(record->rw.value(), 8u);
  EXPECT_EQ(record->minor_faults.value(), 9u);
  EXPECT_EQ(record->major_faults.value(), 10u);
  EXPECT_EQ(record->swaps.value(), 11u);
  EXPECT_EQ(record->name, f.name);
  EXPECT_EQ(record->elapsed, version == 0 ? 74560 : 74565);  // comp_t is coarser
  EXPECT_EQ(record->ahz, version >= 3 ? 100 : version == 2 ? 250 : 128);
  EXPECT_EQ(record->pid, version >= 3 ? std::optional<uint32_t>(4711) : std::nullopt);
  EXPECT_EQ(record->parent, version >= 3 ? std::optional<uint32_t>(42) : std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(All, Versions,
                         testing::Values(Form{0, false}, Form{0, true}, Form{1, false}, Form{1, true}, Form{2, false},
                                         Form{2, true}, Form{3, false}, Form{3, true}, Form{4, false}, Form{4, true}),
                         [](const auto& form) {
                           return "v" + std::to_string(form.param.version) +
                                  (form.param.big_endian ? "_big" : "_little");
                         });

// Offsets as dump-acct(8) of acct 6.6.4 reads them.
TEST(AcctRecord, OffsetsOfOldVersions) {
  std::string bytes;  // the record's name lies in it
  const auto number_at = [&bytes](int version, size_t at) {
    bytes.assign(version == 1 ? 62 : 64, '\0');
    bytes[1] = static_cast<char>(version);
    bytes[at] = 77;
    return *decode(bytes, 100);
  };
  for (const int version : {0, 1, 2}) {
    EXPECT_EQ(number_at(version, 6).tty, 77);
    EXPECT_EQ(number_at(version, 8).begin, 77u);
    EXPECT_EQ(number_at(version, 18).memory.bits, 77);
    EXPECT_EQ(number_at(version, version == 1 ? 30 : 32).exit_status, 77u);
    EXPECT_EQ(number_at(version, version == 1 ? 34 : 36).name, "M");
  }
  EXPECT_EQ(number_at(0, 2).uid, 77u);
  EXPECT_EQ(number_at(1, 54).uid, 77u);
  EXPECT_EQ(number_at(1, 58).gid, 77u);
  EXPECT_EQ(number_at(2, 56).uid, 77u);
  EXPECT_EQ(number_at(2, 60).gid, 77u);
  EXPECT_EQ(number_at(2, 53).elapsed_bits, 77u << 16);
  EXPECT_EQ(number_at(2, 54).elapsed_bits, 77u);
}

TEST(AcctRecord, WhatIsNoRecordIsRefused) {
  const std::string good = write_acct(sample(), 3, false);
  EXPECT_FALSE(decode("", 100));
  EXPECT_FALSE(decode(good.substr(0, 63), 100));
  EXPECT_FALSE(decode(good + "x", 100));
  for (const int version : {5, 6, 127}) {
    std::string bytes = good;
    bytes[1] = static_cast<char>(version);
    EXPECT_FALSE(decode(bytes, 100)) << version;
  }
}

TEST(AcctRecord, CompOfKnownValues) {
  EXPECT_EQ(Comp{0x1fff}.value(), 8191u);
  EXPECT_EQ(Comp{0x2400}.value(), 8192u);
  EXPECT_EQ(Comp{0xffff}.value(), uint64_t{8191} << 21);
  EXPECT_EQ(Comp2{0x7ffff}.value(), 0x7ffffu);
  EXPECT_EQ(Comp2{1u << 19}.value(), 0x80000u);
  EXPECT_EQ(Comp2{0xffffff}.value(), uint64_t{0xfffff} << 30);
}

TEST(AcctRecord, TicksNeverOverflow) {
  EXPECT_EQ(ticks_to_nanos(150, 100), 1'500'000'000);
  EXPECT_EQ(ticks_to_nanos(1, 1024), 976562);
  EXPECT_EQ(ticks_to_nanos(Comp{0xffff}.value(), 1), INT64_MAX);
  EXPECT_EQ(ticks_to_nanos(UINT64_MAX, 100), INT64_MAX);
  EXPECT_EQ(ticks_to_nanos(5, 0), 5 * kSecond);
}

TEST(AcctRecord, ElapsedThatIsNoTime) {
  Record record;
  record.ahz = 100;
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL, -1.0, -0.0, 4.3e11 * 2,
                           static_cast<double>(std::numeric_limits<float>::max())}) {
    record.elapsed = bad;
    EXPECT_EQ(elapsed_nanos(record), std::nullopt) << bad;
  }
  record.elapsed = 250;
  EXPECT_EQ(elapsed_nanos(record), 2'500'000'000);
  record.elapsed = 0;
  EXPECT_EQ(elapsed_nanos(record), 0);
}

}  // namespace
}  // namespace acta::accounting
