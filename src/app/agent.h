#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "app/engine.h"

namespace acta {

/// The running agent: the engine's steps, each kind on a thread of its own. Made by the main thread, which calls all of
/// it.
class Agent {
 public:
  /// Makes the engine. Nothing runs yet. `clock` and `fs` outlive the agent.
  static Result<std::unique_ptr<Agent>> make(const Config& config, const Clock& clock, Fs& fs, bool once);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  void start();
  /// See Engine.
  void tick() { engine_->tick(); }
  void reload() { engine_->reload(); }
  [[nodiscard]] bool finished() const { return engine_->finished(); }
  /// Stops reading, delivers what is in the queue until the shutdown time-out, saves the cursors. What was not
  /// delivered will be read again. Returns false when something of it failed; that is in the log.
  bool stop();
  void log_totals() const { engine_->log_totals(); }

 private:
  explicit Agent(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
  void keep_synced();
  void stop_sync();

  std::unique_ptr<Engine> engine_;
  std::vector<std::thread> threads_;  ///< collect, pipeline
  std::vector<std::thread> output_threads_;
  std::thread sync_thread_;
  std::mutex sync_mutex_;
  std::condition_variable sync_wake_;
  bool sync_stopped_ = false;
};

}  // namespace acta
