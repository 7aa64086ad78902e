// A stop while an output refuses: what it has not taken is set aside, the inputs forget it, and the next start delivers
// it before anything new; both sums of the delivery contract hold at every moment.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "app/components.h"
#include "app/engine.h"
#include "config/loader.h"
#include "support/audit_lines.h"
#include "support/conservation.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

/// A destination that outlives the agent: takes documents or refuses all.
struct Destination {
  bool refuses = false;
  std::vector<std::string> ids;
};

class DestinationOutput final : public Output {
 public:
  explicit DestinationOutput(Destination& destination) : destination_(destination) {}
  Result<> connect() override { return {}; }
  Attempt send(Docs docs, Nanos) override {
    if (destination_.refuses) return Attempt::all(Fate::retry, docs.size(), "503");
    for (const Doc& doc : docs) destination_.ids.emplace_back(doc.meta.id);
    return Attempt::all(Fate::accepted, docs.size());
  }
  Result<> tick(Nanos) override { return {}; }
  Result<> close() override { return {}; }

 private:
  Destination& destination_;
};

class StopTest : public testing::Test {
 protected:
  void write_events(size_t count) {
    std::ofstream log(dir_ / "audit.log", std::ios::app);
    for (size_t i = 0; i < count; ++i) {
      ++written_;
      log << test::audit_line("USER_LOGIN", 1'795'000'000'000 + written_, written_,
                              "pid=1 uid=0 auid=0 ses=1 msg='op=login id=0 exe=\"/usr/sbin/sshd\" res=success'")
          << "\n";
    }
  }

  void start() {
    engine_.reset();
    const std::string text = "actabeat.inputs:\n  - type: audit_log\n    id: log\n    paths: [\"" +
                             (dir_ / "audit.log") + "\"]\nhost.id: h1\npath.data: " + (dir_ / "data") +
                             "\noutput.console.enabled: true\n";
    auto config = parse_config("actabeat.yml", text, make_catalog(), {});
    ASSERT_TRUE(config) << config.error().what;
    Engine::Parts parts{.clock = clock_, .fs = fs_};
    parts.output = [this](const OutputConfig&) -> Result<std::unique_ptr<Output>> {
      return std::make_unique<DestinationOutput>(destination_);
    };
    auto engine = Engine::make(*config, std::move(parts), false);
    ASSERT_TRUE(engine) << engine.error().what;
    engine_ = std::move(*engine);
  }

  /// Steps every part until nothing moves.
  void settle() {
    for (int i = 0; i < 200; ++i) {
      engine_->collect(0);
      engine_->work(0);
      for (size_t k = 0; k < engine_->outputs(); ++k) engine_->runner(k).step();
      engine_->sync();
      engine_->tick();
      test::expect_conserved(*engine_);
    }
  }

  void stop() {
    engine_->stop_reading();
    while (engine_->collect(0)) {
    }
    while (engine_->work(0)) {
    }
    test::expect_conserved(*engine_);
    engine_->stop_outputs();
    for (int i = 0; i < 1000 && !engine_->outputs_ended(); ++i) {
      clock_.advance(kSecond);
      for (size_t k = 0; k < engine_->outputs(); ++k) engine_->runner(k).step();
    }
    ASSERT_TRUE(engine_->outputs_ended());
    EXPECT_TRUE(engine_->close());
    test::expect_conserved(*engine_);
  }

  test::TempDir dir_;
  test::FakeClock clock_;
  PosixFs fs_;
  Destination destination_;
  std::unique_ptr<Engine> engine_;
  uint64_t written_ = 0;
};

TEST_F(StopTest, WhatIsNotDeliveredIsSetAsideAndComesFirst) {
  write_events(20);
  start();
  settle();
  ASSERT_EQ(destination_.ids.size(), 20u);
  destination_.refuses = true;
  write_events(30);
  settle();
  stop();
  EXPECT_EQ(destination_.ids.size(), 20u);

  // The inputs have forgotten it: the log may go.
  std::ofstream(dir_ / "audit.log", std::ios::trunc).close();
  destination_.refuses = false;
  start();
  const std::vector<OutputSum> at_start = engine_->output_sums();
  EXPECT_EQ(at_start.at(0).at_start, 30u);
  settle();
  // That the log was cut is told as a gap, in a document of its own.
  const auto of_gap = [](const std::string& id) { return id.find(":lost:") != std::string::npos; };
  EXPECT_LE(std::erase_if(destination_.ids, of_gap), 1u);
  ASSERT_EQ(destination_.ids.size(), 50u);
  EXPECT_EQ(std::set<std::string>(destination_.ids.begin(), destination_.ids.end()).size(), 50u);
  stop();
  start();
  EXPECT_EQ(engine_->output_sums().at(0).at_start, 0u) << "nothing is left";
}

TEST_F(StopTest, ManyStopsInARowLoseAndDoubleNothing) {
  destination_.refuses = true;
  for (int life = 0; life < 5; ++life) {
    write_events(10);
    start();
    settle();
    stop();
  }
  destination_.refuses = false;
  start();
  settle();
  EXPECT_EQ(destination_.ids.size(), 50u);
  EXPECT_EQ(std::set<std::string>(destination_.ids.begin(), destination_.ids.end()).size(), 50u);
  EXPECT_TRUE(std::is_sorted(destination_.ids.begin(), destination_.ids.end(), [](const auto& a, const auto& b) {
    return std::stoul(a.substr(a.rfind(':') + 1)) < std::stoul(b.substr(b.rfind(':') + 1));
  })) << "oldest first";
}

}  // namespace
}  // namespace acta
