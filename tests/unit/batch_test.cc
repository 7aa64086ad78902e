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

}  // namespace
}  // namespace acta
