#include <gtest/gtest.h>

#include <algorithm>

#include "sim/world.h"
#include "support/seeds.h"

// A test of the test: each bug, put in from outside, must be caught by one of the first seeds.
namespace acta {
namespace {

constexpr uint64_t kSeedsMax = 500;

void expect_caught(const char* name, const sim::Bugs& bugs) {
  test::be_quiet();
  for (uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    const auto problems = sim::World(seed, bugs).run();
    if (problems.empty()) continue;
    EXPECT_TRUE(sim::World(seed).run().empty()) << "seed " << seed << " fails without it, too";
    std::printf("%s: caught by seed %lu: %.200s\n", name, static_cast<unsigned long>(seed), problems.front().c_str());
    return;
  }
  FAIL() << name << " is not caught by " << kSeedsMax << " seeds";
}

bool is_registry(const std::string& path) {
  return path.find("/registry.json") != std::string::npos;
}

TEST(SeededBugs, CursorSavedBeforeSync) {
  expect_caught("cursor saved before sync", {.unsafe_is_safe = true});
}

/// The registry does not say which events a cursor cuts through.
TEST(SeededBugs, CursorInsideAFinishedEvent) {
  expect_caught("cursor inside a finished event", {.write = [](const std::string& path, std::string_view bytes) {
                  std::string text(bytes);
                  constexpr std::string_view kSkip = "\"skip\":[";
                  for (size_t at = text.find(kSkip); is_registry(path) && at != std::string::npos;
                       at = text.find(kSkip, at + 1)) {
                    const size_t from = at + kSkip.size();
                    size_t depth = 1;
                    size_t to = from;
                    for (; depth > 0 && to < text.size(); ++to)
                      depth = depth + (text[to] == '[' ? 1 : 0) - (text[to] == ']' ? 1 : 0);
                    if (depth > 0) break;  // a write that is torn there
                    text.erase(from, to - 1 - from);
                  }
                  return text;
                }});
}

/// After a restart the inputs go on where they were, not where the oldest unfinished event begins.
TEST(SeededBugs, SkipAfterRestart) {
  expect_caught("skip after restart", {.write = [](const std::string& path, std::string_view bytes) {
                  std::string text(bytes);
                  constexpr std::string_view kAt = "\"at\":[", kReadTo = "\"read_to\":[";
                  for (size_t at = text.find(kAt); is_registry(path) && at != std::string::npos;
                       at = text.find(kAt, at + 1)) {
                    const size_t read = text.find(kReadTo, at);
                    const size_t end = text.find(']', read);
                    if (read == std::string::npos || end == std::string::npos) break;  // a write that is torn there
                    const std::string place = text.substr(read + kReadTo.size(), end - read - kReadTo.size());
                    const size_t from = at + kAt.size();
                    text.replace(from, text.find(']', from) - from, place);
                  }
                  return text;
                }});
}

TEST(SeededBugs, ForgottenRetry) {
  expect_caught("forgotten retry", {.answer = [](Attempt attempt) {
                  std::replace(attempt.fate.begin(), attempt.fate.end(), Fate::retry, Fate::accepted);
                  return attempt;
                }});
}

TEST(SeededBugs, OffByOneCommit) {
  expect_caught("off-by-one commit", {.commits_beyond = 1});
}

/// A rejected document is called accepted: it is neither at the destination nor in the dead letters.
TEST(SeededBugs, DeadLetterNotCounted) {
  expect_caught("dead letter not counted", {.answer = [](Attempt attempt) {
                  std::replace(attempt.fate.begin(), attempt.fate.end(), Fate::rejected, Fate::accepted);
                  return attempt;
                }});
}

TEST(SeededBugs, DeadLetterNotWritten) {
  expect_caught("dead letter not written", {.write = [](const std::string& path, std::string_view bytes) {
                  return path.find("/dead_letters/") == std::string::npos ? std::string(bytes) : std::string();
                }});
}

}  // namespace
}  // namespace acta
