#pragma once
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "app/decoding.h"
#include "base/clock.h"
#include "base/fs.h"
#include "config/config.h"
#include "inputs/input.h"
#include "outputs/output.h"
#include "pipeline/channel.h"
#include "pipeline/collector.h"
#include "pipeline/cursor_board.h"
#include "pipeline/pipeline.h"
#include "pipeline/registry.h"
#include "pipeline/runner.h"
#include "queue/queue.h"

namespace acta {

/// The running agent: inputs -> channel -> pipeline -> queue -> one runner per output, each on its thread, and the
/// registry of cursors. Made by the main thread, which calls all of it.
class Agent {
 public:
  /// Makes every part, and opens registry and inputs where they stood. Nothing runs yet. `clock` and `fs` outlive the
  /// agent.
  static Result<std::unique_ptr<Agent>> make(const Config& config, const Clock& clock, Fs& fs, bool once);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  void start();
  /// Regular work of the main thread: the registry. Call every `registry_flush` or more often.
  void tick();
  /// True when nothing is left to do: all inputs are read to their ends (once) and everything is delivered, or no
  /// output will ever take anything.
  [[nodiscard]] bool finished() const;
  /// Stops reading, delivers what is in the queue until the shutdown time-out, saves the cursors. What was not
  /// delivered will be read again. Returns false when something of it failed; that is in the log.
  bool stop();
  /// Logs what became of all records and documents.
  void log_totals() const;

 private:
  struct Source {
    std::string id;
    std::unique_ptr<Input> input;
  };
  struct Destination {
    std::string name;
    std::unique_ptr<Output> output;
    std::unique_ptr<DeadLetters> dead_letters;
    std::unique_ptr<Runner> runner;
  };

  Agent(const Config& config, const Clock& clock, Fs& fs, bool once);
  Result<> make_parts();
  Result<> make_sources(std::vector<Cursor>& resume);
  Result<> make_destinations();
  Result<> make_pipeline(std::vector<Cursor> resume);

  void collect();
  void pass_cursors();
  void work();
  void keep_synced();
  void stop_sync();
  void fail_with(std::string_view part, const Error& error);
  [[nodiscard]] std::vector<Cursor> cursors();
  void save(const std::vector<Cursor>& cursors);

  const Config config_;
  const Clock& clock_;
  Fs& fs_;
  const bool once_;
  std::unique_ptr<Decoding> decoding_;
  std::unique_ptr<Queue> queue_;
  std::vector<Source> sources_;
  std::vector<Destination> destinations_;
  Channel channel_;
  std::unique_ptr<Collector> collector_;
  std::unique_ptr<Pipeline> pipeline_;
  std::optional<CursorRegistry> registry_;
  CursorBoard worked_;  ///< pipeline -> collect: places to resume from
  CursorBoard marked_;  ///< collect -> main: with their file marks
  std::atomic<bool> stopping_{false};
  std::atomic<bool> collected_{false};   ///< the collect thread touches the inputs no more
  std::atomic<bool> worked_off_{false};  ///< the pipeline has nothing more and never will
  std::atomic<bool> failed_{false};
  std::vector<std::thread> threads_;  ///< collect, pipeline
  std::vector<std::thread> output_threads_;
  Nanos sync_every_ = 0;
  std::thread sync_thread_;
  std::mutex sync_mutex_;
  std::condition_variable sync_wake_;
  bool sync_stopped_ = false;
};

}  // namespace acta
