#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <thread>

#include "outputs/output.h"
#include "support/redirect.h"

namespace acta {
namespace {

using ::testing::Each;

std::unique_ptr<Output> make_console(bool pretty) {
  Settings settings;
  settings.set("pretty", pretty);
  auto made = Registry<Output>::find("console")->make(settings);
  EXPECT_TRUE(made);
  return std::move(*made);
}

Nanos soon() {
  return SystemClock().monotonic() + 50 * kMillisecond;
}

// A pipe in the place of standard output.
class ConsoleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    int fds[2];
    ASSERT_EQ(::pipe2(fds, O_CLOEXEC), 0);
    read_end_ = fds[0];
    write_end_ = fds[1];
    stdout_.emplace(write_end_);
  }
  void TearDown() override {
    output_.reset();
    stdout_.reset();
    ::close(write_end_);
    if (read_end_ >= 0) ::close(read_end_);
  }
  void send_slowly(int count, const std::function<size_t(int)>& pad);
  void start(bool pretty = false) {
    output_ = make_console(pretty);
    ASSERT_TRUE(output_->connect());
  }
  // Everything written so far; from here on, failures are seen on standard output again.
  std::string written() {
    stdout_.reset();
    ::fcntl(read_end_, F_SETFL, O_NONBLOCK);
    std::string all;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(read_end_, buffer, sizeof buffer)) > 0;) all.append(buffer, static_cast<size_t>(n));
    return all;
  }

  int read_end_ = -1;
  int write_end_ = -1;
  std::optional<test::StdoutTo> stdout_;
  std::unique_ptr<Output> output_;
};

TEST_F(ConsoleTest, WritesALineForEachDocument) {
  start();
  Batch batch;
  batch.add({}, "{\"a\":1}");
  batch.add({}, "{\"b\":2}");
  EXPECT_THAT(output_->send(Docs(batch.docs()).subspan(0, 2), soon()).fate, Each(Fate::accepted));
  EXPECT_EQ(written(), "{\"a\":1}\n{\"b\":2}\n");
}

TEST_F(ConsoleTest, PrettyKeepsNumbersAndEscapes) {
  start(true);
  Batch batch;
  batch.add({},
            R"({"a":{"b":[1.10,18446744073709551616,-0]},"c":"\u001b[31m\"x\"\u007f\u009b\u00e4","d":{},"e":null})");
  EXPECT_THAT(output_->send(Docs(batch.docs()).subspan(0, 1), soon()).fate, Each(Fate::accepted));
  EXPECT_EQ(written(), R"({
  "a": {
    "b": [
      1.10,
      18446744073709551616,
      -0
    ]
  },
  "c": "\u001B[31m\"x\"\u007F\u009Bä",
  "d": {},
  "e": null
}
)");
}

TEST_F(ConsoleTest, WhatIsNotJsonIsWrittenAsItIs) {
  start(true);
  Batch batch;
  batch.add({}, "{\"a\":");
  EXPECT_THAT(output_->send(Docs(batch.docs()).subspan(0, 1), soon()).fate, Each(Fate::accepted));
  EXPECT_EQ(written(), "{\"a\":\n");
}

TEST_F(ConsoleTest, AReaderThatLeftIsGoneForGood) {
  start();
  ::close(read_end_);
  read_end_ = -1;
  Batch batch;
  batch.add({}, "{}");
  const Attempt attempt = output_->send(Docs(batch.docs()).subspan(0, 1), soon());
  EXPECT_TRUE(attempt.gone);
  EXPECT_THAT(attempt.fate, Each(Fate::retry));
  EXPECT_EQ(attempt.why, "standard output is closed");
}

TEST_F(ConsoleTest, NoStandardOutputIsGoneForGood) {
  stdout_.reset();
  stdout_.emplace(-1);
  start();
  Batch batch;
  batch.add({}, "{}");
  EXPECT_TRUE(output_->send(Docs(batch.docs()).subspan(0, 1), soon()).gone);
}

TEST_F(ConsoleTest, AFullDiskIsARetry) {
  stdout_.reset();
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  stdout_.emplace(full);
  start();
  Batch batch;
  batch.add({}, "{}");
  const Attempt attempt = output_->send(Docs(batch.docs()).subspan(0, 1), soon());
  EXPECT_FALSE(attempt.gone);
  EXPECT_THAT(attempt.fate, Each(Fate::retry));
  EXPECT_THAT(attempt.why, ::testing::HasSubstr("No space left"));
  ::close(full);
}

// The reader is slower than the deadline: send by send, what was not accepted again; the stream is whole all the same.
// Sends documents with `pad(i)` spaces in them to a reader with a small pipe.
void ConsoleTest::send_slowly(int count, const std::function<size_t(int)>& pad) {
  ASSERT_GT(::fcntl(read_end_, F_SETPIPE_SZ, 4096), 0);
  start();
  Batch batch;
  std::string expected;
  for (int i = 0; i < count; ++i) {
    const std::string id = std::to_string(i);
    const std::string json = "{\"n\":" + id + std::string(pad(i), ' ') + "}";
    batch.add({.id = id}, json);
    expected += json + "\n";
  }
  std::string got;
  size_t from = 0;
  int rounds = 0;
  for (; from < batch.size() && rounds < 1000; ++rounds) {
    const Nanos begin = SystemClock().monotonic();
    const Attempt attempt = output_->send(Docs(batch.docs()).subspan(from), begin + 2 * kMillisecond);
    EXPECT_LT(SystemClock().monotonic() - begin, kSecond);
    EXPECT_FALSE(attempt.gone);
    ASSERT_EQ(attempt.fate.size(), batch.size() - from);
    size_t accepted = 0;
    while (accepted < attempt.fate.size() && attempt.fate[accepted] == Fate::accepted) ++accepted;
    EXPECT_EQ(std::count(attempt.fate.begin(), attempt.fate.end(), Fate::accepted), static_cast<ptrdiff_t>(accepted))
        << "accepted from the front";
    from += accepted;
    got += written();
  }
  got += written();
  EXPECT_GT(rounds, 5) << "it was slow";
  EXPECT_EQ(got, expected);
}

TEST_F(ConsoleTest, ASlowReaderMakesItWaitUntilTheDeadlineAndTearsNothing) {
  send_slowly(40, [](int i) { return static_cast<size_t>(997 * i % 3000); });
}

TEST_F(ConsoleTest, BatchesOfMegabytesAreWrittenInPieces) {
  send_slowly(12, [](int i) { return static_cast<size_t>(i % 3) * 200'000; });
}

}  // namespace
}  // namespace acta
