#include <gtest/gtest.h>

#include <thread>

#include "support/fake_audit.h"
#include "support/temp_dir.h"
#include "sys/audit/session.h"

namespace acta::kaudit {
namespace {

using test::FakeControl;
using test::FakeKernel;
using test::FakeStream;
using test::TempDir;

constexpr auto kUnicast = SessionOptions::Choice::unicast;

/// A session over a fake kernel that registers it as the audit daemon.
class SessionTest : public testing::Test {
 protected:
  SessionOptions options(const std::string& rules = "-w /nowhere/a -p wa -k a") {
    SessionOptions options;
    options.choice = kUnicast;
    options.rules = rules;
    options.exclude_self = false;
    options.state_directory = dir_ / "state";
    return options;
  }
  std::unique_ptr<Session> begin(const SessionOptions& options) {
    SessionKernel kernel;
    kernel.control = [this]() -> Result<std::unique_ptr<Control>> { return std::make_unique<FakeControl>(kernel_); };
    kernel.stream = [this](const SocketOptions&) -> Result<std::unique_ptr<FrameSource>> {
      auto stream = std::make_unique<FakeStream>();
      stream_ = stream.get();
      const std::lock_guard lock(kernel_.mutex);
      kernel_.status.pid = static_cast<uint32_t>(::getpid());
      return stream;
    };
    auto session = std::make_unique<Session>(options, clock_, fs_, std::move(kernel));
    session->start(0, 1);
    return session;
  }
  // Waits until it holds, some seconds at most.
  static bool eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 500; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  std::vector<RuleBytes> all_rules() {
    const std::lock_guard lock(kernel_.mutex);
    return kernel_.rules;
  }
  size_t rules() {
    const std::lock_guard lock(kernel_.mutex);
    return kernel_.rules.size();
  }
  Status status() {
    const std::lock_guard lock(kernel_.mutex);
    return kernel_.status;
  }
  bool enabled() { return status().enabled == 1; }
  // Takes what there is: lines to lines_, losses to losses_.
  void take(Session& session) {
    RawBatch batch;
    session.take(batch);
    for (size_t i = 0; i < batch.size(); ++i) lines_ += std::string(batch[i].bytes) + "\n";
    for (const auto& lost : batch.losses()) losses_.push_back(lost.loss);
  }

  TempDir dir_;
  PosixFs fs_;
  SystemClock clock_;
  FakeKernel kernel_;
  FakeStream* stream_ = nullptr;
  std::string lines_;
  std::vector<Loss> losses_;
};

TEST_F(SessionTest, PutsBackWhatItFound) {
  kernel_.rules.push_back(parse_rules("-w /nowhere/own -p r", "t").rules[0].bytes);
  const std::vector<RuleBytes> rules_before = kernel_.rules;
  Status before = kernel_.status;
  auto session = begin(options());
  ASSERT_TRUE(eventually([&] { return enabled(); }));
  EXPECT_EQ(rules(), 2u);
  EXPECT_EQ(status().wait_time, 0u) << "nobody is held";
  EXPECT_EQ(status().failure, 0u);
  session.reset();
  EXPECT_EQ(kernel_.rules, rules_before);
  before.pid = kernel_.status.pid;
  EXPECT_EQ(kernel_.status, before);
  EXPECT_FALSE(fs_.stat(dir_ / "state/found.json"));
}

TEST_F(SessionTest, ALaterStartPutsBackWhatAKilledOneFound) {
  Status before = kernel_.status;
  // What a killed process leaves: its file, its rules, its settings.
  auto first = begin(options());
  ASSERT_TRUE(eventually([&] { return enabled(); }));
  const std::string file = dir_.read("state/found.json");
  const auto rules_then = all_rules();
  const Status status_then = status();
  first.reset();
  dir_.write("state/found.json", file);
  kernel_.rules = rules_then;
  kernel_.status = status_then;
  auto second = begin(options("-w /nowhere/b -p wa -k b"));
  const auto only_new = [&] {
    const auto now = all_rules();
    return now.size() == 1 && print_rule(now[0]) == "-w /nowhere/b -p wa -k b";
  };
  ASSERT_TRUE(eventually(only_new))
      << "the rule of the killed run is not wanted any more";
  second.reset();
  EXPECT_TRUE(kernel_.rules.empty());
  before.pid = kernel_.status.pid;
  EXPECT_EQ(kernel_.status, before);
}

TEST_F(SessionTest, WhatAnotherBootFoundIsNotPutBack) {
  SavedState saved(fs_, dir_ / "state");
  ASSERT_TRUE(saved.save(
      Found{.boot_id = "another", .status = {.backlog_limit = 7}, .changed = 31, .added = {}, .removed = {}}));
  auto session = begin(options());
  ASSERT_TRUE(eventually([&] { return enabled(); }));
  session.reset();
  EXPECT_EQ(kernel_.status.backlog_limit, 64u);
}

TEST_F(SessionTest, TheKernelsLossIsToldExactlyAndSoon) {
  auto session = begin(options());
  ASSERT_TRUE(eventually([&] { return enabled(); }));
  {
    const std::lock_guard lock(kernel_.mutex);
    kernel_.status.lost += 41;
  }
  ASSERT_TRUE(eventually([&] {
    take(*session);
    return !losses_.empty();
  }));
  EXPECT_EQ(losses_[0].reason, LossReason::kernel_backlog);
  EXPECT_EQ(losses_[0].count, 41u);
  EXPECT_FALSE(losses_[0].at_least);
  EXPECT_EQ(session->counts().kernel_lost, 41u);
}

TEST_F(SessionTest, RulesThatSomebodyTookAwayComeBackWithADocument) {
  SessionOptions with_check = options();
  with_check.verify_every = 10 * kMillisecond;
  auto session = begin(with_check);
  ASSERT_TRUE(eventually([&] { return enabled() && rules() == 1; }));
  {
    const std::lock_guard lock(kernel_.mutex);
    kernel_.rules.clear();
  }
  ASSERT_TRUE(eventually([&] { return rules() == 1; }));
  ASSERT_TRUE(eventually([&] {
    take(*session);
    return lines_.find("type=DAEMON_CONFIG") != std::string::npos;
  }));
  EXPECT_NE(lines_.find("op=put-back-rules rules=1"), std::string::npos) << lines_;
  EXPECT_NE(lines_.find("type=DAEMON_START"), std::string::npos) << lines_;
}

TEST_F(SessionTest, AReloadTakesTheNewRulesAndLetsTheOldOnesGo) {
  SessionOptions with_file = options("");
  with_file.rule_files = {dir_.write("x.rules", "-w /nowhere/a -p wa -k a\n")};
  auto session = begin(with_file);
  ASSERT_TRUE(eventually([&] { return rules() == 1; }));
  dir_.write("x.rules", "-w /nowhere/b -p wa -k b\n-w /nowhere/c -p wa -k c\n");
  session->reload();
  ASSERT_TRUE(eventually([&] { return rules() == 2; }));
  session.reset();
  EXPECT_TRUE(kernel_.rules.empty());
}

TEST_F(SessionTest, StrictLoadsNoneWhenOneIsBad) {
  SessionOptions strict = options("-w /nowhere/a -p wa -k a\n-w bad");
  strict.strict = true;
  auto session = begin(strict);
  ASSERT_TRUE(eventually([&] { return enabled(); }));
  EXPECT_EQ(rules(), 0u);
  session.reset();
  auto loose = begin(options("-w /nowhere/a -p wa -k a\n-w bad"));
  ASSERT_TRUE(eventually([&] { return rules() == 1; }));
}

TEST_F(SessionTest, ALockedKernelIsReadAsItIs) {
  kernel_.status.enabled = 2;
  auto session = begin(options());
  ASSERT_TRUE(eventually([&] { return session->counts().active; }));
  session.reset();
  EXPECT_EQ(kernel_.calls.size(), 0u);
}

TEST_F(SessionTest, ARefusalIsNotTheEnd) {
  kernel_.refuse = EPERM;
  auto session = begin(options());
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(session->counts().active);
  take(*session);
  EXPECT_EQ(lines_, "");
}

TEST_F(SessionTest, AListenerReadsWithoutTheRightToAsk) {
  kernel_.refuse = EPERM;
  SessionOptions listener = options();
  listener.choice = SessionOptions::Choice::multicast;
  auto session = begin(listener);
  ASSERT_TRUE(eventually([&] { return session->counts().active; }));
  stream_->record(1300, "audit(9.000:108): x");
  ASSERT_TRUE(eventually([&] {
    take(*session);
    return lines_.find("type=SYSCALL") != std::string::npos;
  }));
  session.reset();
  EXPECT_EQ(kernel_.calls.size(), 0u);
}

TEST_F(SessionTest, AGapSinceTheLastRunIsTold) {
  SavedState saved(fs_, dir_ / "state");
  ASSERT_TRUE(saved.save(Appended{.boot_id = boot_id(), .serial = 100, .lost = 0, .time = 5 * kSecond}));
  kernel_.status.lost = 3;
  auto session = begin(options());
  ASSERT_TRUE(eventually([&] { return enabled(); }));
  stream_->record(1300, "audit(9.000:108): x");
  ASSERT_TRUE(eventually([&] {
    take(*session);
    return losses_.size() == 2;
  }));
  EXPECT_EQ(losses_[0].reason, LossReason::kernel_backlog);
  EXPECT_EQ(losses_[0].count, 3u);
  EXPECT_EQ(losses_[0].from, 5 * kSecond);
  EXPECT_EQ(losses_[1].reason, LossReason::serial_gap);
  EXPECT_TRUE(losses_[1].at_least);
  EXPECT_EQ(losses_[1].serials, (std::vector<SerialRange>{{101, 107}}));
}

TEST_F(SessionTest, RefusalsSayWhatToDo) {
  EXPECT_NE(refused("x", EPERM).value().what.find("CAP_AUDIT_CONTROL"), std::string::npos);
  EXPECT_NE(refused("x", ECONNREFUSED).value().what.find("container"), std::string::npos);
  EXPECT_NE(refused("x", EPROTONOSUPPORT).value().what.find("no audit"), std::string::npos);
  kernel_.status.pid = 1;  // somebody who lives
  SessionOptions own = options();
  SessionKernel kernel;
  kernel.control = [this]() -> Result<std::unique_ptr<Control>> { return std::make_unique<FakeControl>(kernel_); };
  testing::internal::CaptureStderr();
  {
    Session session(own, clock_, fs_, kernel);
    session.start(0, 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_NE(testing::internal::GetCapturedStderr().find("set socket: multicast"), std::string::npos);
}

}  // namespace
}  // namespace acta::kaudit
