#include "app/agent.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/components.h"
#include "app/make_queue.h"
#include "base/check.h"
#include "base/log.h"
#include "pipeline/runner_options.h"

namespace acta {
namespace {

constexpr size_t kChannelBytes = 2u << 20;
constexpr Nanos kStepWait = 200 * kMillisecond;
constexpr Nanos kUnlimited = INT64_MAX / 2;

}  // namespace

Agent::Agent(const Config& config, const Clock& clock, Fs& fs, bool once)
    : config_(config), clock_(clock), fs_(fs), once_(once), channel_(kChannelBytes) {}

Agent::~Agent() {
  if (!threads_.empty()) stop();
}

Result<std::unique_ptr<Agent>> Agent::make(const Config& config, const Clock& clock, Fs& fs, bool once) {
  auto agent = std::unique_ptr<Agent>(new Agent(config, clock, fs, once));
  if (auto made = agent->make_parts(); !made) return tl::unexpected(made.error());
  return agent;
}

Result<> Agent::make_parts() {
  if (auto made = fs_.make_dirs(config_.path_data); !made) return made;
  auto decoding = Decoding::make(clock_, fs_,
                                 {.host_id = config_.host_id,
                                  .agent_name = config_.name,
                                  .path_data = config_.path_data,
                                  .users = config_.users,
                                  .audit = {.assembly = {.age = config_.assembly.age,
                                                         .events_max = config_.assembly.events_max,
                                                         .records_max = config_.assembly.records_max,
                                                         .bytes_max = config_.assembly.bytes_max,
                                                         .closed_kept = config_.assembly.closed_kept},
                                            .args_bytes_max = config_.assembly.args_bytes_max},
                                  .accounting = {.ahz = static_cast<uint16_t>(config_.accounting_ahz)},
                                  .refresh_host = true});
  if (!decoding) return tl::unexpected(decoding.error());
  decoding_ = std::move(*decoding);
  auto queue = make_queue(config_.queue, fs_, clock_);
  if (!queue) return tl::unexpected(queue.error());
  queue_ = std::move(queue->queue);
  sync_every_ = queue->sync_every;
  if (auto made = make_destinations(); !made) return made;
  std::vector<Cursor> resume;
  if (auto made = make_sources(resume); !made) return made;
  return make_pipeline(std::move(resume));
}

Result<> Agent::make_destinations() {
  for (const OutputConfig& config : config_.outputs) {
    if (!config.enabled) continue;
    auto output = make_output(config);
    if (!output) return tl::unexpected(output.error());
    auto reader = queue_->reader(config.type);
    if (!reader) return tl::unexpected(reader.error());
    Destination destination{
        .name = config.type, .output = std::move(*output), .dead_letters = nullptr, .runner = nullptr};
    destination.dead_letters = std::make_unique<DeadLetters>(fs_, clock_, config_.dead_letters_path, config.type);
    RunnerOptions options = runner_options(config.settings, config.type, static_cast<uint64_t>(clock_.realtime()));
    destination.runner = std::make_unique<Runner>(std::move(options), *destination.output, std::move(*reader),
                                                  *destination.dead_letters, clock_);
    destinations_.push_back(std::move(destination));
  }
  return {};
}

Result<> Agent::make_sources(std::vector<Cursor>& resume) {
  auto registry = CursorRegistry::load(fs_, config_.path_data + "/registry.json");
  if (!registry) return tl::unexpected(registry.error());
  registry_.emplace(std::move(*registry));
  std::vector<Input*> inputs;
  for (const InputConfig& config : config_.inputs) {
    if (!config.enabled) continue;
    auto input = make_input(config);
    if (!input) return tl::unexpected(input.error());
    const Cursor* known = registry_->find(config.id);
    const Cursor cursor = known == nullptr ? Cursor{} : *known;
    if (once_) (*input)->stop_at_end();
    if (auto opened = (*input)->open(static_cast<uint16_t>(sources_.size()), cursor); !opened) return opened;
    inputs.push_back(input->get());
    sources_.push_back({config.id, std::move(*input)});
    resume.push_back(cursor);
  }
  collector_ = std::make_unique<Collector>(std::move(inputs), channel_, clock_);
  return {};
}

Result<> Agent::make_pipeline(std::vector<Cursor> resume) {
  auto processors = make_processors(config_.processors);
  if (!processors) return tl::unexpected(processors.error());
  pipeline_ = std::make_unique<Pipeline>(Pipeline::Parts{.clock = &clock_,
                                                         .queue = queue_.get(),
                                                         .decoders = decoding_->decoders(),
                                                         .processors = std::move(*processors),
                                                         .resume = std::move(resume)});
  return {};
}

void Agent::start() {
  threads_.emplace_back([this] { collect(); });
  threads_.emplace_back([this] { work(); });
  if (sync_every_ > 0) sync_thread_ = std::thread([this] { keep_synced(); });
  for (Destination& destination : destinations_) {
    output_threads_.emplace_back([&destination] { destination.runner->run(); });
  }
}

// Body of the collect thread.
void Agent::collect() {
  while (!stopping_.load(std::memory_order_acquire) && collector_->step(kStepWait)) pass_cursors();
  channel_.close();
  collected_.store(true, std::memory_order_release);
}

// On the thread that owns the inputs: collect, and main once that has ended.
void Agent::pass_cursors() {
  auto posted = worked_.take();
  if (!posted) return;
  for (size_t i = 0; i < sources_.size(); ++i) {
    Cursor& cursor = (*posted)[i];
    sources_[i].input->safe(cursor.at);
    cursor.files = sources_[i].input->marks(cursor.at);
  }
  marked_.post(std::move(*posted));
}

std::vector<Cursor> Agent::cursors() {
  std::vector<Cursor> all;
  for (size_t i = 0; i < sources_.size(); ++i) all.push_back(pipeline_->cursor(static_cast<uint16_t>(i)));
  return all;
}

// Body of the pipeline thread.
void Agent::work() {
  Nanos posted_at = clock_.monotonic();
  uint64_t posted_documents = 0;
  const auto given_up = [this] { return stopping_.load(std::memory_order_acquire) && pipeline_->blocked(); };
  const auto settle = [&] {
    while (!pipeline_->hungry() && !given_up()) {
      if (auto stepped = pipeline_->step(kStepWait); !stepped) return fail_with("pipeline", stepped.error());
    }
  };
  while (!channel_.finished() && !given_up() && !failed_.load()) {
    if (auto batch = channel_.take(kStepWait)) {
      pipeline_->accept(std::move(*batch));
      settle();
      if (pipeline_->hungry()) channel_.recycle(pipeline_->take_back());
    } else {
      pipeline_->idle();
      settle();
    }
    decoding_->parts().refresh(clock_.monotonic());
    const Nanos now = clock_.monotonic();
    if (now - posted_at >= config_.registry_flush ||
        pipeline_->documents() - posted_documents >= Pipeline::kCursorEvery) {
      worked_.post(cursors());
      posted_at = now;
      posted_documents = pipeline_->documents();
    }
  }
  if (once_ && !stopping_.load(std::memory_order_acquire)) {
    pipeline_->flush();
    settle();
  }
  worked_off_.store(true, std::memory_order_release);
}

// Body of the sync thread: fdatasync never holds up the pipeline.
void Agent::keep_synced() {
  std::unique_lock lock(sync_mutex_);
  while (!sync_stopped_) {
    sync_wake_.wait_for(lock, std::chrono::nanoseconds(sync_every_));
    if (auto synced = queue_->sync(); !synced) return fail_with("queue", synced.error());
  }
}

void Agent::fail_with(std::string_view part, const Error& error) {
  log::error(part, error.what);
  failed_.store(true);
}

void Agent::stop_sync() {
  {
    const std::lock_guard lock(sync_mutex_);
    sync_stopped_ = true;
  }
  sync_wake_.notify_all();
  if (sync_thread_.joinable()) sync_thread_.join();
  if (auto synced = queue_->sync(); !synced) fail_with("queue", synced.error());
}

void Agent::tick() {
  if (collected_.load(std::memory_order_acquire)) pass_cursors();
  if (auto marked = marked_.take()) save(*marked);
  if (worked_off_.load(std::memory_order_acquire)) {
    for (Destination& destination : destinations_) destination.runner->stop(kUnlimited);
  }
}

bool Agent::finished() const {
  const auto ended = [](const Destination& destination) { return destination.runner->ended(); };
  if (failed_.load() || (!destinations_.empty() && std::all_of(destinations_.begin(), destinations_.end(), ended)))
    return true;
  return destinations_.empty() && worked_off_.load();
}

void Agent::save(const std::vector<Cursor>& cursors) {
  for (size_t i = 0; i < cursors.size(); ++i) registry_->set(sources_[i].id, cursors[i]);
  if (auto saved = registry_->save(); !saved) log::error("registry", saved.error().what);
}

bool Agent::stop() {
  stopping_.store(true, std::memory_order_release);
  const Nanos deadline = clock_.monotonic() + config_.shutdown_timeout;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  for (Destination& destination : destinations_) destination.runner->stop(deadline);
  for (std::thread& thread : output_threads_) thread.join();
  output_threads_.clear();
  stop_sync();
  std::vector<Cursor> last = cursors();
  worked_.post(std::move(last));
  pass_cursors();
  if (auto marked = marked_.take()) save(*marked);
  for (Source& source : sources_) {
    if (auto closed = source.input->close(); !closed) log::error("input " + source.id, closed.error().what);
  }
  for (Destination& destination : destinations_) {
    if (auto closed = destination.output->close(); !closed)
      log::error("output " + destination.name, closed.error().what);
  }
  queue_->close();
  return !failed_.load();
}

void Agent::log_totals() const {
  for (size_t i = 0; i < sources_.size(); ++i) {
    const SourceCounters& c = pipeline_->counters(static_cast<uint16_t>(i));
    log::info("input " + sources_[i].id,
              fmt::format("records: read {}, in documents {}, duplicates {}, filtered {}, skipped {}, unfinished {}",
                          c.read.load(), c.in_documents.load(), c.duplicates.load(), c.filtered.load(),
                          c.skipped.load(), c.in_assembler.load()));
  }
  for (const Destination& destination : destinations_) {
    const OutputCounters& c = destination.runner->counters();
    log::info("output " + destination.name,
              fmt::format("documents: accepted {}, rejected {}, dropped {}, waiting {}; queue end {}",
                          c.accepted.load(), c.rejected.load(), c.dropped.load(), c.waiting.load(), queue_->end()));
  }
}

}  // namespace acta
