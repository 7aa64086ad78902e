#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "processors/audit/args.h"

namespace acta::audit {
namespace {

// The joined arguments of EXECVE bodies, each in <>, then what was missing or cut.
std::string joined(const std::vector<std::string>& bodies, size_t bytes_max = 1000) {
  ExecArgs args(bytes_max);
  std::vector<Field> fields;
  for (const std::string& body : bodies) {
    Record record;
    record.body = body;
    split_fields(record, fields);
    args.add(fields);
  }
  const Args& result = args.finish();
  std::string text;
  for (const auto value : result.values)
    text += fmt::format("<{}>", value.size() > 40 ? fmt::format("{}*{}", value[0], value.size()) : value);
  if (result.count) text += fmt::format(" of {}", *result.count);
  for (const ArgRange& range : result.missing) text += fmt::format(" missing {}-{}", range.first, range.last);
  if (result.args_cut != 0 || result.bytes_cut != 0)
    text += fmt::format(" cut {} args {} bytes", result.args_cut, result.bytes_cut);
  return text;
}

std::string hex_run(size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes; ++i) text += "42";
  return text;
}

TEST(AuditArgs, QuotedAndHex) {
  EXPECT_EQ(joined({"argc=3 a0=\"sh\" a1=\"-c\" a2=6C73202D6C"}), "<sh><-c><ls -l> of 3");
  EXPECT_EQ(joined({"argc=2 a0=\"\" a1=(null)"}), "<><(null)> of 2");
  EXPECT_EQ(joined({"argc=1 a0=\"deadbeef\""}), "<deadbeef> of 1");
}

TEST(AuditArgs, LongArgumentsAreJoined) {
  const std::string first = "argc=3 a0=\"x\" a1_len=12000 a1[0]=" + hex_run(3000);
  EXPECT_EQ(joined({first, " a1[1]=" + hex_run(3000) + " a2=\"end\""}, 10'000), "<x><B*6000><end> of 3");
  EXPECT_EQ(joined({" a1[1]=" + hex_run(3000) + " a2=\"end\"", first}, 10'000), "<x><B*6000><end> of 3");
}

TEST(AuditArgs, QuotedChunks) {
  const std::string run(60, 'q');
  EXPECT_EQ(joined({"argc=1 a0_len=120 a0[0]=\"" + run + "\"", "a0[1]=\"" + run + "\""}), "<q*120> of 1");
}

TEST(AuditArgs, LostChunksAreMissing) {
  const std::string first = "argc=3 a0=\"x\" a1_len=12000 a1[0]=" + hex_run(3000);
  EXPECT_EQ(joined({first}, 10'000), "<x><B*3000><> of 3 missing 1-1");
  const std::string full = "argc=3 a0=\"x\" a1_len=14000 a1[0]=" + hex_run(3600);
  EXPECT_EQ(joined({full}, 10'000), "<x><B*3600><> of 3 missing 1-1 missing 2-2");
  EXPECT_EQ(joined({"a1[1]=" + hex_run(3000) + " a2=\"end\""}, 10'000), "<><B*3000><end> missing 0-0 missing 1-1");
}

TEST(AuditArgs, ArgumentsThatTheKernelDroppedAreEmpty) {
  EXPECT_EQ(joined({"argc=4 a0=\"x\" a2=\"y\""}), "<x><><y><> of 4");
  EXPECT_EQ(joined({"argc=3 a2=\"y\""}), "<><><y> of 3");
}

TEST(AuditArgs, ARecordLostBetweenFullOnes) {
  std::string first = "argc=9 a0=\"" + std::string(7300, 'x') + "\"";
  EXPECT_EQ(joined({first, "a5=\"y\" a6=\"z\" a8=\"w\""}, 10'000), "<x*7300><><><><><y><z><><w> of 9 missing 1-4");
  EXPECT_EQ(joined({first}, 10'000), "<x*7300><><><><><><><><> of 9 missing 1-8");
}

TEST(AuditArgs, TheLimitOfBytesIsExact) {
  EXPECT_EQ(joined({"argc=3 a0=\"abcd\" a1=\"efgh\" a2=\"ij\""}, 6), "<abcd><ef> of 3 cut 1 args 4 bytes");
  EXPECT_EQ(joined({"argc=2 a0=\"abcd\" a1=\"ef\""}, 6), "<abcd><ef> of 2");
  EXPECT_EQ(joined({"argc=2 a0=61C3A4C3A4"}, 4), "<a\xc3\xa4> of 2 cut 1 args 2 bytes");
}

TEST(AuditArgs, TheLimitOfArguments) {
  EXPECT_EQ(joined({"argc=18446744073709551615 a0=\"x\""}).substr(0, 9), "<x><><><>");
  ExecArgs args(10);
  Record record;
  record.body = "argc=99999999999 a99999999998=\"z\"";
  std::vector<Field> fields;
  split_fields(record, fields);
  args.add(fields);
  const Args& result = args.finish();
  EXPECT_EQ(result.values.size(), ExecArgs::kArgsMax);
  EXPECT_EQ(result.args_cut, 99999999999 - ExecArgs::kArgsMax);
}

TEST(AuditArgs, OtherKeysAreNoArguments) {
  EXPECT_EQ(joined({"argc=x a=1 ax=2 a1[=3 a1[]=4 a-1=5 a0_le=3 b0=\"x\" a1]=1 stray"}), "");
}

TEST(AuditArgs, ClearStartsAnew) {
  ExecArgs args(100);
  Record record;
  record.body = "argc=1 a0=\"x\"";
  std::vector<Field> fields;
  split_fields(record, fields);
  args.add(fields);
  args.finish();
  args.clear();
  const Args& result = args.finish();
  EXPECT_TRUE(result.values.empty());
  EXPECT_FALSE(result.count);
}

}  // namespace
}  // namespace acta::audit
