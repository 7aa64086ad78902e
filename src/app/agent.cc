#include "app/agent.h"

#include <chrono>

namespace acta {
namespace {

constexpr Nanos kStepWait = 200 * kMillisecond;

}  // namespace

Result<std::unique_ptr<Agent>> Agent::make(const Config& config, const Clock& clock, Fs& fs, bool once) {
  auto engine = Engine::make(config, {.clock = clock, .fs = fs}, once);
  if (!engine) return tl::unexpected(engine.error());
  return std::unique_ptr<Agent>(new Agent(std::move(*engine)));
}

Agent::~Agent() {
  if (!threads_.empty()) stop();
}

void Agent::start() {
  engine_->on_sync_wanted([this] { sync_wake_.notify_one(); });
  threads_.emplace_back([this] {
    while (engine_->collect(kStepWait)) {
    }
  });
  threads_.emplace_back([this] {
    while (engine_->work(kStepWait)) {
    }
  });
  if (engine_->sync_every() > 0) sync_thread_ = std::thread([this] { keep_synced(); });
  for (size_t i = 0; i < engine_->outputs(); ++i) {
    Runner& runner = engine_->runner(i);
    for (size_t lane = 0; lane < runner.lanes(); ++lane)
      output_threads_.emplace_back([&runner, lane] { runner.run(lane); });
  }
}

// Body of the sync thread: fdatasync never holds up the pipeline.
void Agent::keep_synced() {
  std::unique_lock lock(sync_mutex_);
  while (!sync_stopped_ && engine_->sync()) sync_wake_.wait_for(lock, std::chrono::nanoseconds(engine_->sync_every()));
}

void Agent::stop_sync() {
  {
    const std::lock_guard lock(sync_mutex_);
    sync_stopped_ = true;
  }
  sync_wake_.notify_all();
  if (sync_thread_.joinable()) sync_thread_.join();
}

bool Agent::stop() {
  engine_->stop_reading();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  engine_->stop_outputs();
  engine_->await_outputs();
  for (std::thread& thread : output_threads_) thread.join();
  output_threads_.clear();
  stop_sync();
  return engine_->close();
}

}  // namespace acta
