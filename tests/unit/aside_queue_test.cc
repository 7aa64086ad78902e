#include "spool/aside_queue.h"

#include <gtest/gtest.h>

#include "support/spool_documents.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

using test::numbered;

/// A life of the queue with the outputs "a" and "b", which read as told.
class AsideQueueTest : public testing::Test {
 protected:
  void start() {
    a_.reset();
    b_.reset();
    queue_.reset();
    auto queue = AsideQueue::open(fs_, clock_, path_, {});
    ASSERT_TRUE(queue) << queue.error().what;
    queue_ = std::move(*queue);
    a_ = *queue_->reader("a");
    b_ = *queue_->reader("b");
  }
  void append(size_t count) {
    ASSERT_TRUE(queue_->append(numbered(appended_, count)));
    appended_ += count;
  }
  /// Reads and commits up to `upto`; the documents must be those of the numbers in order.
  void deliver(Reader& reader, Offset upto) {
    for (Offset read = reader.committed(); read < upto;) {
      auto span = reader.next(0);
      ASSERT_TRUE(span && *span);
      ASSERT_EQ((*span)->first, read);
      for (size_t i = 0; i < (*span)->batch->size(); ++i)
        ASSERT_EQ((*(*span)->batch)[i].meta.id, "id-" + std::to_string(first_ + read + i));
      read = (*span)->end();
    }
    ASSERT_TRUE(reader.commit(upto));
  }

  test::TempDir dir_;
  const std::string path_ = dir_.path() + "/aside";
  PosixFs fs_;
  SystemClock clock_;
  std::unique_ptr<AsideQueue> queue_;
  std::unique_ptr<Reader> a_, b_;
  uint64_t appended_ = 0;
  uint64_t first_ = 0;  // number of the document at offset 0
};

TEST_F(AsideQueueTest, NothingIsMadeWhenAllIsDelivered) {
  start();
  append(10);
  deliver(*a_, 10);
  deliver(*b_, 10);
  ASSERT_TRUE(queue_->set_aside());
  EXPECT_FALSE(fs_.stat(path_));
  EXPECT_EQ(queue_->safe(), 10u);
}

TEST_F(AsideQueueTest, WhatIsLeftComesFirstAtTheNextStartToEachOutputThatMissesIt) {
  start();
  append(10);
  append(10);
  deliver(*a_, 13);
  deliver(*b_, 4);
  EXPECT_EQ(queue_->safe(), 4u);
  ASSERT_TRUE(queue_->set_aside());
  EXPECT_EQ(queue_->safe(), 20u) << "inputs may forget it";

  first_ = 4;
  start();
  EXPECT_TRUE(queue_->has_aside());
  EXPECT_EQ(queue_->end(), 16u);
  EXPECT_EQ(queue_->safe(), 16u) << "it is on disk";
  append(5);
  EXPECT_EQ(queue_->safe(), 16u);
  EXPECT_EQ(a_->committed(), 9u);
  deliver(*a_, 21);
  EXPECT_EQ(b_->committed(), 0u);
  deliver(*b_, 21);
  EXPECT_EQ(queue_->safe(), 21u);
}

TEST_F(AsideQueueTest, AKillBeforeItIsDeliveredChangesNothing) {
  start();
  append(10);
  ASSERT_TRUE(queue_->set_aside());
  for (int life = 0; life < 3; ++life) {
    start();
    EXPECT_EQ(queue_->end(), 10u);
    append(1);  // in memory, gone with the kill
    --appended_;
  }
  deliver(*a_, 7);
  ASSERT_TRUE(queue_->sync());
  start();
  EXPECT_EQ(a_->committed(), 7u) << "how far it was is kept";
  EXPECT_EQ(b_->committed(), 0u);
  deliver(*a_, 10);
  deliver(*b_, 10);
}

TEST_F(AsideQueueTest, ManyStopsKeepAddingInOrder) {
  start();
  append(10);
  ASSERT_TRUE(queue_->set_aside());
  start();
  append(10);
  deliver(*a_, 15);
  deliver(*b_, 2);
  ASSERT_TRUE(queue_->set_aside());
  start();
  EXPECT_EQ(queue_->end(), 20u);
  EXPECT_EQ(a_->committed(), 15u);
  EXPECT_EQ(b_->committed(), 2u);
  append(10);
  deliver(*a_, 30);
  deliver(*b_, 30);
  ASSERT_TRUE(queue_->set_aside());
  start();
  EXPECT_EQ(a_->committed(), queue_->end()) << "nothing is left";
  EXPECT_EQ(b_->committed(), queue_->end());
}

TEST_F(AsideQueueTest, ADirectoryThatCannotBeWrittenLeavesTheRestToTheInputs) {
  start();
  append(10);
  auto file = fs_.open(path_, OpenMode::append);  // something else of that name
  ASSERT_TRUE(file);
  EXPECT_FALSE(queue_->set_aside());
  EXPECT_EQ(queue_->safe(), 0u);
}

TEST_F(AsideQueueTest, FilesAreForTheAgentAlone) {
  start();
  append(10);
  ASSERT_TRUE(queue_->set_aside());
  const auto names = fs_.list(path_);
  ASSERT_TRUE(names);
  EXPECT_FALSE(names->empty());
  for (const std::string& name : *names) EXPECT_EQ(fs_.stat(path_ + "/" + name)->mode & 077u, 0u) << name;
}

}  // namespace
}  // namespace acta
