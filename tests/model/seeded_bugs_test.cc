#include <gtest/gtest.h>

#include "model/spool_world.h"
#include "support/seeds.h"
#include "support/tampered_frames.h"

// A test of the test: each bug, put in from outside, must be caught by one of the first seeds.
namespace acta {
namespace {

constexpr uint64_t kSeedsMax = 500;

void expect_caught(const char* name, const model::SpoolBugs& bugs) {
  test::be_quiet();
  for (uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    const auto problems = model::SpoolWorld(seed, bugs).run();
    if (problems.empty()) continue;
    EXPECT_TRUE(model::SpoolWorld(seed).run().empty()) << "seed " << seed << " fails without it, too";
    std::printf("%s: caught by seed %lu: %s\n", name, static_cast<unsigned long>(seed), problems.front().c_str());
    return;
  }
  FAIL() << name << " is not caught by " << kSeedsMax << " seeds";
}

/// Frames say that they are synced as soon as they are written: what a crash leaves of them is then taken for damage.
TEST(SeededBugs, UnsyncedHoleTakenForDamage) {
  expect_caught("unsynced hole taken for damage", {.write = [](const std::string&, std::string_view bytes) {
                  return test::change_headers(
                      bytes, [](spool::SegmentHeader&) {},
                      [](spool::FrameHeader& frame) { frame.synced = frame.end(); });
                }});
}

/// The mark is one that a local user knows: frames in documents are taken for real ones after damage.
TEST(SeededBugs, ForgedFrameInAPayload) {
  expect_caught("forged frame in a payload", {.write = [](const std::string&, std::string_view bytes) {
                  return test::change_headers(
                      bytes, [](spool::SegmentHeader& segment) { segment.mark = model::kForgedMark; },
                      [](spool::FrameHeader& frame) { frame.mark = model::kForgedMark; });
                }});
}

TEST(SeededBugs, OffByOneCommit) {
  expect_caught("off-by-one commit", {.commits_beyond = 1});
}

}  // namespace
}  // namespace acta
