#include "event/byte_block.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace acta {
namespace {

template <class Block>
class ByteBlockTest : public testing::Test {};

#if defined(__SSE2__)
using Blocks = testing::Types<PortableBlock, Sse2Block>;
#else
using Blocks = testing::Types<PortableBlock>;
#endif
TYPED_TEST_SUITE(ByteBlockTest, Blocks);

TYPED_TEST(ByteBlockTest, TellsEverySpecialByteAtEveryPlace) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const auto value = static_cast<uint8_t>(byte);
    for (size_t place = 0; place < kBlockSize; ++place) {
      std::string text(kBlockSize, 'a');
      text[place] = static_cast<char>(byte);
      const unsigned expected = is_special(value) ? 1u << place : 0;
      ASSERT_EQ(TypeParam::load(text.data()).special(), expected) << byte << " at " << place;
      ASSERT_EQ(TypeParam::load(text.data()).special_but_quotes(), byte == '"' ? 0 : expected)
          << byte << " at " << place;
    }
  }
}

TYPED_TEST(ByteBlockTest, ASumIsSpecialWhereOneBlockIs) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (size_t place = 0; place < 3 * kBlockSize; ++place) {
      std::string text(3 * kBlockSize, place % 2 == 0 ? '~' : ' ');
      text[place] = static_cast<char>(byte);
      typename TypeParam::Sum sum;
      for (size_t at = 0; at < text.size(); at += kBlockSize) sum.add(TypeParam::load(text.data() + at));
      ASSERT_EQ(sum.special_but_quotes(), is_special(static_cast<uint8_t>(byte)) && byte != '"')
          << byte << " " << place;
    }
  }
  EXPECT_FALSE(typename TypeParam::Sum().special_but_quotes());
}

TYPED_TEST(ByteBlockTest, FindsAByteAtEveryPlace) {
  for (size_t place = 0; place < kBlockSize; ++place) {
    std::string text(kBlockSize, 'a');
    text[place] = '\xFF';
    const auto block = TypeParam::load(text.data());
    EXPECT_EQ(block.equal('\xFF'), 1u << place);
    EXPECT_EQ(block.equal('a'), 0xFFFFu & ~(1u << place));
    EXPECT_EQ(block.equal('b'), 0u);
    EXPECT_EQ((block.template equal_any<'b', '\xFF'>()), 1u << place);
    EXPECT_EQ((block.template equal_any<'a', '\xFF'>()), 0xFFFFu);
  }
}

TYPED_TEST(ByteBlockTest, StoresWhatItLoaded) {
  std::mt19937 random(7);
  for (int round = 0; round < 1000; ++round) {
    std::string text(kBlockSize, '\0');
    for (char& c : text) c = static_cast<char>(random());
    std::string copy(kBlockSize, '\0');
    TypeParam::load(text.data()).store(copy.data());
    ASSERT_EQ(copy, text);
  }
}

TYPED_TEST(ByteBlockTest, LoadsTheFirstBytesWhereverTheyLie) {
  constexpr size_t kPage = 4096;
  const std::string pages(2 * kPage, 'x');
  for (size_t at = 0; at < kPage; ++at) {
    for (size_t size = 0; size <= kBlockSize; ++size) {
      std::string copy(kBlockSize, '\0');
      load_block<TypeParam>(pages.data() + at, size).store(copy.data());
      ASSERT_EQ(copy.substr(0, size), std::string(size, 'x'));
    }
  }
}

TEST(ByteBlock, PlainButQuotesLooksAtEveryByteAndNoOther) {
  for (size_t size = 0; size <= 3 * kBlockSize + 1; ++size) {
    const std::string text(size, '"');
    std::string line = "\x01" + text + "\x01";
    const auto inner = [&] { return std::string_view(line).substr(1, size); };
    EXPECT_TRUE(is_plain_but_quotes(inner())) << size;
    for (size_t place = 0; place < size; ++place) {
      line[1 + place] = "\\\x1F\x7F\x80"[place % 4];
      EXPECT_FALSE(is_plain_but_quotes(inner())) << size << " " << place;
      line[1 + place] = ' ';
    }
  }
}

TEST(ByteBlock, SpecialBytesAreThoseThatJsonOrATerminalMinds) {
  EXPECT_TRUE(is_special(0x1F) && is_special('"') && is_special('\\') && is_special(0x7F) && is_special(0x80));
  EXPECT_FALSE(is_special(' ') || is_special('!') || is_special('~') || is_special('/'));
}

}  // namespace
}  // namespace acta
