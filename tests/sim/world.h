#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/engine.h"
#include "sim/destination.h"
#include "sim/host.h"
#include "sim/ledger.h"
#include "spool/disk_queue.h"
#include "support/fake_clock.h"
#include "support/fake_fs.h"
#include "support/fault_fs.h"
#include "support/random.h"
#include "support/tamper_fs.h"

namespace acta::sim {

/// A bug put into the agent from outside, at its seams. None by default.
struct Bugs {
  bool unsafe_is_safe = false;               ///< cursors pass what is not synced
  Offset commits_beyond = 0;                 ///< off-by-one commits
  std::function<Attempt(Attempt)> answer{};  ///< what the runner is told instead of the destination's answer
  test::TamperFs::Change write{};            ///< what is written instead
};

/// One simulated host from its first start to the end of all trouble, on one thread: auditd and the kernel write, the
/// agent runs step by step with a fake clock and file system, is stopped, killed, crashes with the host between any two
/// calls of the file system, is started again with other outputs, and at the end everything has to be where it belongs.
/// The same seed is the same story.
class World {
 public:
  explicit World(uint64_t seed, Bugs bugs = {});
  ~World();
  /// Runs it all; returns what was broken of the delivery contract, empty when nothing was.
  std::vector<std::string> run();

  /// What happened, to see that a seed was worth its time.
  struct Story {
    size_t documents = 0, lives = 0, kills = 0, crashes = 0, failures = 0;
  };
  [[nodiscard]] const Story& story() const { return story_; }

 private:
  [[nodiscard]] Config config();
  void configure_outputs(Config& config);
  Result<MadeQueue> queue(Fs& fs);
  std::unique_ptr<Input> input(const InputConfig& config);
  std::unique_ptr<Output> output(const std::string& name);
  Destination& destination(const std::string& name);

  void live(bool last);
  bool start(bool once);
  void act();
  void act_as_host();
  void act_as_agent();
  void pass_time();
  void make_trouble();
  void stop(bool ended);
  void die();
  void end_faults();
  void finish();
  [[nodiscard]] bool dead() const { return data_.calls_left == 0u; }
  void check_sums();
  void check_end();
  std::set<std::string> dead_letters(const std::string& output);

  test::Random random_;
  const Bugs bugs_;
  Ledger ledger_;
  test::FakeClock clock_;
  test::FakeFs disk_{&clock_};
  test::TamperFs tampered_;
  test::FaultFs data_;
  Host host_;
  std::vector<std::unique_ptr<Destination>> destinations_;
  std::set<std::string> complete_;  // outputs that must have got everything
  struct Read {
    Offset from = 0, upto = 0;
    uint64_t missed = 0;
  };
  std::map<std::string, Read> read_;  // of the queue, in this life
  Offset queue_end_ = 0;
  std::vector<std::string> outputs_;  // of this life, in the order of the engine
  bool on_disk_ = false;
  bool outputs_change_ = false;
  DiskOptions disk_options_;
  Nanos registry_flush_ = 0;
  std::unique_ptr<Engine> engine_;
  const DiskQueue* spool_ = nullptr;  // of the engine, when it has one
  Nanos collected_at_ = 0;
  Story story_;
};

}  // namespace acta::sim
