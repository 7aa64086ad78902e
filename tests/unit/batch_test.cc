#include "event/batch.h"

#include <gtest/gtest.h>

namespace acta {
namespace {

TEST(Batch, GivesBackWhatWasAdded) {
  Batch batch;
  batch.add({.timestamp = 7, .id = "a", .dataset = "d", .key = "k"}, "{}");
  batch.begin().append("{\"x\":1}");
  batch.commit({.timestamp = 8, .id = "b", .dataset = "", .key = "host", .routes = "r"});
  ASSERT_EQ(batch.size(), 2u);
  EXPECT_EQ(batch[0].json, "{}");
  EXPECT_EQ(batch[0].meta.key, "k");
  EXPECT_EQ(batch[1].json, "{\"x\":1}");
  EXPECT_EQ(batch[1].meta.id, "b");
  EXPECT_EQ(batch[1].meta.key, "host");
  EXPECT_EQ(batch[1].meta.routes, "r");
  EXPECT_EQ(batch[0].meta.routes, "");
  EXPECT_EQ(batch[1].meta.dataset, "");
  EXPECT_EQ(batch[1].meta.timestamp, 8);
}

TEST(Batch, DocumentsOfOneBatchAreLinesSideBySide) {
  EXPECT_EQ(side_by_side({}), 0u);
  EXPECT_EQ(lines_of({}), "");
  Batch one;
  Batch other;
  for (const char* json : {"{\"n\":1}", "{}", "{\"n\":3}"}) one.add({.id = "id", .key = "k"}, json);
  other.add({.id = "id"}, "{\"n\":4}");
  std::vector<Doc> docs = one.docs();
  docs.push_back(other[0]);
  ASSERT_EQ(side_by_side(docs), 3u);
  EXPECT_EQ(lines_of(Docs(docs).first(3)), "{\"n\":1}\n{}\n{\"n\":3}\n");
  EXPECT_EQ(lines_of(Docs(docs).subspan(1, 1)), "{}\n");
  EXPECT_EQ(lines_of(Docs(docs).subspan(3)), "{\"n\":4}\n");
  std::swap(docs[0], docs[1]);
  EXPECT_EQ(side_by_side(docs), 1u);
}

}  // namespace
}  // namespace acta
