#include "base/decompressor.h"

#include <gtest/gtest.h>

#include <random>

namespace acta {
namespace {

std::string compressed(Compression kind, std::string_view text) {
  std::string out;
  EXPECT_TRUE(Compressor::make(kind)->add(text, true, out));
  return out;
}

std::string random_text(size_t size) {
  std::mt19937_64 random(7);
  std::string text;
  while (text.size() < size) text += std::to_string(random()) + "\n";
  return text;
}

class DecompressorTest : public testing::TestWithParam<Compression> {};

TEST_P(DecompressorTest, GivesBackWhatWasCompressedInPiecesOfAnySize) {
  const std::string text = random_text(300'000);
  // A file that was appended to holds several streams.
  const std::string bytes = compressed(GetParam(), text) + compressed(GetParam(), "end\n");
  EXPECT_EQ(compression_of(bytes), GetParam());
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{65'536}, bytes.size()}) {
    const auto decompressor = Decompressor::make(GetParam());
    std::string out;
    for (size_t at = 0; at < bytes.size(); at += piece) {
      ASSERT_TRUE(decompressor->add(std::string_view(bytes).substr(at, piece), out)) << piece;
    }
    EXPECT_TRUE(decompressor->whole());
    EXPECT_EQ(out, text + "end\n") << piece;
  }
}

TEST_P(DecompressorTest, KnowsThatAStreamIsCutOff) {
  const std::string bytes = compressed(GetParam(), random_text(100'000));
  for (const size_t size : {size_t{5}, bytes.size() / 2, bytes.size() - 1}) {
    const auto decompressor = Decompressor::make(GetParam());
    std::string out;
    ASSERT_TRUE(decompressor->add(std::string_view(bytes).substr(0, size), out));
    EXPECT_FALSE(decompressor->whole()) << size;
  }
}

TEST_P(DecompressorTest, SaysThatAStreamIsDamagedAndKeepsWhatWasBefore) {
  const std::string text = random_text(1'000'000);
  std::string bytes = compressed(GetParam(), text);
  for (size_t i = bytes.size() / 2; i < bytes.size() / 2 + 64; ++i) bytes[i] = static_cast<char>(~bytes[i]);
  const auto decompressor = Decompressor::make(GetParam());
  std::string out;
  const auto done = decompressor->add(bytes, out);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::corrupt);
  EXPECT_NE(done.error().what.find("damaged"), std::string::npos) << done.error().what;
  EXPECT_EQ(out.substr(0, 100'000), text.substr(0, 100'000));
}

INSTANTIATE_TEST_SUITE_P(All, DecompressorTest, testing::Values(Compression::gzip, Compression::zstd));

TEST(CompressionOf, PlainTextIsNotCompressed) {
  EXPECT_EQ(compression_of("{\"a\":1}"), Compression::none);
  EXPECT_EQ(compression_of(""), Compression::none);
}

}  // namespace
}  // namespace acta
