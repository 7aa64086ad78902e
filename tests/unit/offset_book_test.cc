#include "inputs/kafka/offset_book.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "support/seeds.h"

namespace acta {
namespace {

using Done = OffsetBook::Done;

TEST(OffsetBook, AnOffsetIsDoneWhenAllBeforeItIs) {
  OffsetBook book;
  EXPECT_EQ(book.add(1, 100), 0u);
  EXPECT_EQ(book.add(1, 101), 1u);
  EXPECT_EQ(book.add(2, 7), 2u);
  EXPECT_EQ(book.add(1, 102), 3u);
  EXPECT_EQ(book.safe(0), std::vector<Done>{});
  EXPECT_EQ(book.safe(1), (std::vector<Done>{{1, 101}}));
  EXPECT_EQ(book.safe(1), std::vector<Done>{}) << "nothing new";
  EXPECT_EQ(book.safe(3), (std::vector<Done>{{1, 102}, {2, 8}}));
  EXPECT_TRUE(book.holds(1));
  EXPECT_FALSE(book.holds(2));
  EXPECT_EQ(book.safe(4), (std::vector<Done>{{1, 103}}));
  EXPECT_FALSE(book.holds(1));
}

TEST(OffsetBook, OffsetsMayBeMissing) {
  OffsetBook book;
  book.add(1, 5);
  book.add(1, 9);
  EXPECT_EQ(book.safe(1), (std::vector<Done>{{1, 6}}));
  EXPECT_EQ(book.safe(2), (std::vector<Done>{{1, 10}}));
}

void against_a_plain_list(uint64_t seed) {
  SCOPED_TRACE(test::say_seed(seed));
  std::mt19937_64 random(seed);
  OffsetBook book;
  std::vector<std::pair<uint32_t, int64_t>> items;
  std::map<uint32_t, int64_t> next, done;
  uint64_t safe = 0;
  for (int step = 0; step < 500; ++step) {
    const auto tenure = static_cast<uint32_t>(random() % 4);
    next[tenure] += random() % 20 == 0 ? 3 : 1;
    ASSERT_EQ(book.add(tenure, next[tenure]), items.size());
    items.emplace_back(tenure, next[tenure]);
    if (random() % 3 != 0) continue;
    safe = std::min<uint64_t>(safe + random() % 5, items.size());
    for (const Done& each : book.safe(safe)) done[each.tenure] = each.next;
    std::map<uint32_t, int64_t> expected;
    for (size_t i = 0; i < safe; ++i) expected[items[i].first] = items[i].second + 1;
    ASSERT_EQ(done, expected);
  }
}

TEST(OffsetBook, AgainstAPlainList) {
  test::for_seeds(20, against_a_plain_list);
}

}  // namespace
}  // namespace acta
