#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "app/components.h"
#include "app/decoding.h"
#include "app/make_queue.h"
#include "pipeline/channel.h"
#include "pipeline/collector.h"
#include "pipeline/conservation.h"
#include "pipeline/cursor_board.h"
#include "pipeline/pipeline.h"
#include "pipeline/registry.h"
#include "pipeline/runner.h"

namespace acta {

/// In path.data, held while an agent runs: its registry and what its outputs write to are of one agent.
inline constexpr std::string_view kAgentLock = "agent.lock";

/// All that the agent does, in steps and without a thread of its own: inputs -> channel -> pipeline -> queue -> one
/// runner per output, and the registry of cursors. The Agent gives each kind of step a thread; a simulation runs all of
/// them on one.
///
/// Which thread calls what: collect() one, work() one, sync() one, step and wait of each lane of each
/// runner() one; everything else
/// the thread that made the engine ("main"). A wait of 0 never blocks.
class Engine {
 public:
  /// Where the engine gets its parts: the product's own by default; tests put theirs in between. `clock` and `fs`
  /// outlive the engine.
  struct Parts {
    const Clock& clock;
    Fs& fs;
    std::function<Result<std::unique_ptr<Input>>(const InputConfig&)> input = make_input;
    std::function<Result<std::unique_ptr<Output>>(const OutputConfig&)> output = make_output;
    std::function<Result<MadeQueue>(const QueueConfig&, Fs&, const Clock&)> queue = make_queue;
  };

  /// Makes every part, and opens registry and inputs where they stood. `once`: the inputs are read to their ends, and
  /// that is all.
  static Result<std::unique_ptr<Engine>> make(const Config& config, Parts parts, bool once);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// One round over the inputs, waiting up to `wait` when there is nothing to read. False: never again.
  bool collect(Nanos wait);
  /// One batch of records taken, or one batch of documents appended; waits up to `wait` for either. False: never again.
  bool work(Nanos wait);
  /// Makes the queue's documents safe. False: never again, the engine has failed. Call it every sync_every(), should
  /// that not be 0.
  bool sync();
  /// See Queue::on_sync_wanted. Before the first step.
  void on_sync_wanted(std::function<void()> wanted) { queue_.queue->on_sync_wanted(std::move(wanted)); }
  [[nodiscard]] Nanos sync_every() const { return queue_.sync_every; }
  [[nodiscard]] size_t outputs() const { return destinations_.size(); }
  Runner& runner(size_t output) { return *destinations_[output].runner; }

  /// Regular work of the main thread: the registry. Call every `registry_flush` or more often.
  void tick();
  /// True when nothing is left to do: all inputs are read to their ends (once) and everything is delivered, or no
  /// output will ever take anything, or something failed for good.
  [[nodiscard]] bool finished() const;

  /// To stop, in this order: no more is read, and collect() and work() end;
  void stop_reading();
  /// Inputs read again what they read beside their records (SIGHUP). Any thread.
  void reload() { reload_.store(true, std::memory_order_relaxed); }
  /// when they have: the runners deliver what is in the queue until the shutdown time-out, and end;
  void stop_outputs();
  /// (with threads: waits for that, and when the time-out is over cuts their attempts short;)
  void await_outputs();
  [[nodiscard]] bool outputs_ended() const;
  /// when they have, and sync() is called no more: saves the cursors, closes everything. What was not delivered will be
  /// read again. False when something failed, now or before; that is in the log.
  bool close();

  /// What became of the records of each input, and of the documents of each output. At quiet moments: nothing is inside
  /// a step. After close(): as it was then.
  [[nodiscard]] std::vector<InputSum> input_sums() const;
  [[nodiscard]] std::vector<OutputSum> output_sums() const;
  /// Logs what became of all records and documents; after close().
  void log_totals() const;
  [[nodiscard]] const Queue& queue() const { return *queue_.queue; }
  [[nodiscard]] const Channel& channel() const { return channel_; }
  [[nodiscard]] size_t inputs() const { return sources_.size(); }
  [[nodiscard]] const SourceCounters& counters(size_t input) const {
    return pipeline_->counters(static_cast<uint16_t>(input));
  }

 private:
  struct Source {
    std::string id;
    std::unique_ptr<Input> input;
  };
  struct Destination {
    std::string name;
    std::vector<std::unique_ptr<Output>> outputs;  // one for each worker
    std::unique_ptr<DeadLetters> dead_letters;
    std::unique_ptr<Runner> runner;
    Offset begin = 0;         // where it stood at the start
    Offset end_at_start = 0;  // of the queue
  };

  Engine(const Config& config, Parts parts, bool once);
  Result<> make_parts();
  Result<> make_decoding();
  Result<> make_sources(std::vector<Cursor>& resume);
  Result<> make_destinations();
  Result<> add_routes(const Output& output, const OutputConfig& config);
  Result<> make_lanes(const OutputConfig& config, const RunnerOptions& options,
                      std::vector<std::unique_ptr<Output>>& outputs);
  Result<> make_pipeline(std::vector<Cursor> resume);

  void pass_cursors();
  void flush();
  bool work_off();
  void post_cursors_if_due();
  [[nodiscard]] std::vector<Cursor> cursors();
  void save(const std::vector<Cursor>& cursors);
  void fail_with(std::string_view part, const Error& error);

  const Config config_;
  const Parts parts_;
  const bool once_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<Decoding> decoding_;
  MadeQueue queue_;
  std::vector<Source> sources_;
  std::vector<Route> routes_;  ///< fields that the outputs ask for
  std::vector<Destination> destinations_;
  Channel channel_;
  std::unique_ptr<Collector> collector_;
  std::unique_ptr<Pipeline> pipeline_;
  std::optional<CursorRegistry> registry_;
  CursorBoard worked_;  ///< work -> collect: places to resume from
  CursorBoard marked_;  ///< collect -> main: with their file marks

  // Of work().
  bool flushed_ = false;
  bool finishing_ = false;  // of collect
  std::atomic<bool> reload_{false};
  Nanos posted_at_ = 0;
  uint64_t posted_documents_ = 0;

  std::atomic<bool> stopping_{false};
  std::atomic<bool> collected_{false};   ///< collect() touches the inputs no more
  std::atomic<bool> worked_off_{false};  ///< the pipeline has nothing more and never will
  std::atomic<bool> failed_{false};
  Nanos stop_deadline_ = 0;
  std::vector<InputSum> last_input_sums_;  // of close(): inputs forget them
};

}  // namespace acta
