#include "app/engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "pipeline/runner_options.h"
#include "processors/history/follower.h"

namespace acta {
namespace {

constexpr size_t kChannelBytes = 2u << 20;
constexpr Nanos kUnlimited = INT64_MAX / 2;

}  // namespace

Engine::Engine(const Config& config, Parts parts, bool once)
    : config_(config), parts_(std::move(parts)), once_(once), channel_(kChannelBytes) {}

Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::make(const Config& config, Parts parts, bool once) {
  auto engine = std::unique_ptr<Engine>(new Engine(config, std::move(parts), once));
  if (auto made = engine->make_parts(); !made) return tl::unexpected(made.error());
  return engine;
}

Result<> Engine::make_parts() {
  if (auto made = parts_.fs.make_dirs(config_.path_data); !made) return made;
  auto lock = parts_.fs.lock(config_.path_data + "/" + std::string(kAgentLock));
  if (!lock) return tl::unexpected(lock.error());
  lock_ = std::move(*lock);
  if (auto made = make_decoding(); !made) return made;
  auto queue = parts_.queue(config_.queue, parts_.fs, parts_.clock);
  if (!queue) return tl::unexpected(queue.error());
  queue_ = std::move(*queue);
  if (auto made = make_destinations(); !made) return made;
  std::vector<Cursor> resume;
  if (auto made = make_sources(resume); !made) return made;
  return make_pipeline(std::move(resume));
}

Result<> Engine::make_decoding() {
  auto decoding = Decoding::make(parts_.clock, parts_.fs,
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
  return {};
}

Result<> Engine::make_destinations() {
  for (const OutputConfig& config : config_.outputs) {
    if (!config.enabled) continue;
    auto options = runner_options(config.settings, config.type, static_cast<uint64_t>(parts_.clock.realtime()));
    if (!options) return tl::unexpected(options.error());
    Destination destination{.name = config.type, .outputs = {}, .dead_letters = nullptr, .runner = nullptr};
    if (auto made = make_lanes(config, *options, destination.outputs); !made) return made;
    if (auto added = add_routes(*destination.outputs.front(), config); !added) return added;
    auto reader = queue_.queue->reader(config.type);
    if (!reader) return tl::unexpected(reader.error());
    destination.begin = (*reader)->committed();
    destination.end_at_start = queue_.queue->end();
    destination.dead_letters =
        std::make_unique<DeadLetters>(parts_.fs, parts_.clock, config_.dead_letters_path, config.type);
    std::vector<Output*> lanes;
    for (const auto& output : destination.outputs) lanes.push_back(output.get());
    destination.runner = std::make_unique<Runner>(std::move(*options), std::move(lanes), std::move(*reader),
                                                  *destination.dead_letters, parts_.clock);
    destinations_.push_back(std::move(destination));
  }
  return {};
}

Result<> Engine::add_routes(const Output& output, const OutputConfig& config) {
  auto wanted = routes_of(output, config);
  if (!wanted) return tl::unexpected(wanted.error());
  for (Route& route : *wanted) {
    const auto same = [&](const Route& other) { return other.name == route.name; };
    if (std::none_of(routes_.begin(), routes_.end(), same)) routes_.push_back(std::move(route));
  }
  return {};
}

// One output for each worker.
Result<> Engine::make_lanes(const OutputConfig& config, const RunnerOptions& options,
                            std::vector<std::unique_ptr<Output>>& outputs) {
  do {
    auto output = parts_.output(config);
    if (!output) return tl::unexpected(output.error());
    outputs.push_back(std::move(*output));
    if (!outputs.back()->shared() && !options.adaptive && options.workers > 1)
      return fail(Errc::config, "output." + config.type + ".workers: this output has one worker");
  } while (outputs.back()->shared() && outputs.size() < options.workers);
  return {};
}

Result<> Engine::make_sources(std::vector<Cursor>& resume) {
  auto registry = CursorRegistry::load(parts_.fs, config_.path_data + "/registry.json");
  if (!registry) return tl::unexpected(registry.error());
  registry_.emplace(std::move(*registry));
  std::vector<Input*> inputs;
  for (const InputConfig& config : config_.inputs) {
    if (!config.enabled) continue;
    auto input = parts_.input(config);
    if (!input) return tl::unexpected(input.error());
    const Cursor* known = registry_->find(config.id);
    const Cursor cursor = known == nullptr ? Cursor{} : *known;
    if (once_) (*input)->stop_at_end();
    (*input)->keep_state_in(config_.path_data + "/inputs/" + config.id);
    if (auto opened = (*input)->open(static_cast<uint16_t>(sources_.size()), cursor); !opened) return opened;
    inputs.push_back(input->get());
    sources_.push_back({config.id, std::move(*input)});
    resume.push_back(cursor);
  }
  collector_ = std::make_unique<Collector>(std::move(inputs), channel_, parts_.clock);
  return {};
}

Result<> Engine::make_pipeline(std::vector<Cursor> resume) {
  auto processors = make_processors(config_.processors);
  if (!processors) return tl::unexpected(processors.error());
  std::vector<std::string> ids;
  std::vector<Pipeline::Destination> outputs;
  for (const Destination& destination : destinations_)
    outputs.push_back({destination.name, &destination.runner->counters()});
  std::vector<std::unique_ptr<Follower>> followers;
  for (const Source& source : sources_) {
    ids.push_back(source.id);
    if (config_.follow) followers.push_back(history::make_follower());
  }
  auto refused = std::make_unique<RefusedDocuments>(parts_.fs, parts_.clock, config_.dead_letters_path, ids);
  pipeline_ = std::make_unique<Pipeline>(Pipeline::Parts{.clock = &parts_.clock,
                                                         .queue = queue_.queue.get(),
                                                         .decoders = decoding_->decoders(),
                                                         .processors = std::move(*processors),
                                                         .resume = std::move(resume),
                                                         .inputs = std::move(ids),
                                                         .services = decoding_->services(),
                                                         .routes = routes_,
                                                         .health_every = config_.health_every,
                                                         .outputs = std::move(outputs),
                                                         .followers = std::move(followers),
                                                         .refused = std::move(refused)});
  posted_at_ = parts_.clock.monotonic();
  return {};
}

// ---- collect

bool Engine::collect(Nanos wait) {
  if (reload_.exchange(false, std::memory_order_relaxed)) {
    for (Source& source : sources_) source.input->reload();
  }
  const bool stopping = stopping_.load(std::memory_order_acquire);
  if (stopping && !std::exchange(finishing_, true)) collector_->finish();
  const bool in_time = !stopping || parts_.clock.monotonic() < stop_deadline_;
  if (in_time && collector_->step(wait)) {
    pass_cursors();
    return true;
  }
  channel_.close();
  collected_.store(true, std::memory_order_release);
  return false;
}

// On the thread that owns the inputs: collect, and main once that has ended.
void Engine::pass_cursors() {
  auto posted = worked_.take();
  if (!posted) return;
  for (size_t i = 0; i < sources_.size(); ++i) {
    Cursor& cursor = (*posted)[i];
    sources_[i].input->safe(cursor.at);
    cursor.files = sources_[i].input->marks(cursor.at);
  }
  marked_.post(std::move(*posted));
}

// ---- work

bool Engine::work(Nanos wait) {
  // A queue that stays full at a stop is not waited for: what has no room in it will be read again.
  const bool given_up = stopping_.load(std::memory_order_acquire) && pipeline_->blocked();
  if (worked_off_.load(std::memory_order_relaxed) || failed_.load() || given_up) return work_off();
  if (!pipeline_->hungry()) {
    if (auto stepped = pipeline_->step(wait); !stepped) {
      fail_with("pipeline", stepped.error());
      return work_off();
    }
    if (pipeline_->hungry()) channel_.recycle(pipeline_->take_back());
  } else if (auto batch = channel_.take(wait)) {
    pipeline_->accept(std::move(*batch));
  } else if (!channel_.finished()) {
    // Idle closes events by age: not while the rest of them waits to be read.
    if (channel_.drained()) pipeline_->idle();
  } else if (!std::exchange(flushed_, true)) {
    flush();
  } else {
    return work_off();
  }
  decoding_->parts().refresh(parts_.clock.monotonic());
  post_cursors_if_due();
  return true;
}

// The end of all input. At a stop before it, what files hold is read again; what other inputs gave is not.
void Engine::flush() {
  if (once_ && !stopping_.load(std::memory_order_acquire)) return pipeline_->flush();
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (!sources_[i].input->can_wait()) pipeline_->flush(static_cast<uint16_t>(i));
  }
}

bool Engine::work_off() {
  worked_off_.store(true, std::memory_order_release);
  return false;
}

void Engine::post_cursors_if_due() {
  const Nanos now = parts_.clock.monotonic();
  if (now - posted_at_ < config_.registry_flush && pipeline_->documents() - posted_documents_ < Pipeline::kCursorEvery)
    return;
  worked_.post(cursors());
  posted_at_ = now;
  posted_documents_ = pipeline_->documents();
}

std::vector<Cursor> Engine::cursors() {
  std::vector<Cursor> all;
  for (size_t i = 0; i < sources_.size(); ++i) all.push_back(pipeline_->cursor(static_cast<uint16_t>(i)));
  return all;
}

void Engine::fail_with(std::string_view part, const Error& error) {
  log::error(part, error.what);
  failed_.store(true);
}

// ---- sync

bool Engine::sync() {
  auto synced = queue_.queue->sync();
  if (!synced) fail_with("queue", synced.error());
  return synced.has_value();
}

// ---- main

void Engine::tick() {
  if (collected_.load(std::memory_order_acquire)) pass_cursors();
  if (auto marked = marked_.take()) save(*marked);
  if (worked_off_.load(std::memory_order_acquire)) {
    for (Destination& destination : destinations_) destination.runner->stop(kUnlimited);
  }
}

bool Engine::finished() const {
  if (failed_.load() || (!destinations_.empty() && outputs_ended())) return true;
  return destinations_.empty() && worked_off_.load();
}

void Engine::save(const std::vector<Cursor>& cursors) {
  for (size_t i = 0; i < cursors.size(); ++i) registry_->set(sources_[i].id, cursors[i]);
  if (auto saved = registry_->save(); !saved) log::error("registry", saved.error().what);
}

void Engine::stop_reading() {
  stop_deadline_ = parts_.clock.monotonic() + config_.shutdown_timeout;
  stopping_.store(true, std::memory_order_release);
}

void Engine::stop_outputs() {
  for (Destination& destination : destinations_) destination.runner->stop(stop_deadline_);
}

void Engine::await_outputs() {
  for (Destination& destination : destinations_)
    destination.runner->wait_ended(stop_deadline_ - parts_.clock.monotonic());
  for (Destination& destination : destinations_) destination.runner->interrupt();
}

bool Engine::outputs_ended() const {
  return std::all_of(destinations_.begin(), destinations_.end(),
                     [](const Destination& destination) { return destination.runner->ended(); });
}

bool Engine::close() {
  sync();
  if (auto kept = queue_.queue->set_aside(); !kept)
    log::error("queue", kept.error().what + ": what is not delivered will be read again");
  worked_.post(cursors());
  pass_cursors();
  if (auto marked = marked_.take()) save(*marked);
  last_input_sums_ = input_sums();
  for (Source& source : sources_) {
    if (auto closed = source.input->close(); !closed) log::error("input " + source.id, closed.error().what);
  }
  for (Destination& destination : destinations_) {
    for (const auto& output : destination.outputs) {
      if (auto closed = output->close(); !closed) log::error("output " + destination.name, closed.error().what);
    }
  }
  queue_.queue->close();
  return !failed_.load();
}

std::vector<InputSum> Engine::input_sums() const {
  if (!last_input_sums_.empty()) return last_input_sums_;
  std::vector<InputSum> sums;
  for (uint16_t i = 0; i < sources_.size(); ++i) {
    const uint64_t in_channel = channel_.records(i) + pipeline_->in_hand(i);
    sums.push_back(sum_of(sources_[i].id, sources_[i].input->counts(), pipeline_->counters(i), in_channel,
                          pipeline_->open_records(i)));
  }
  return sums;
}

std::vector<OutputSum> Engine::output_sums() const {
  std::vector<OutputSum> sums;
  for (const Destination& d : destinations_)
    sums.push_back(sum_of(d.name, d.runner->counters(), d.begin, d.end_at_start, queue_.queue->end()));
  return sums;
}

void Engine::log_totals() const {
  const auto say = [](const std::string& part, const auto& sum) {
    log::write(sum.holds() ? log::Level::info : log::Level::error, part, sum.text());
  };
  for (const InputSum& sum : input_sums()) say("input " + sum.name, sum);
  for (const OutputSum& sum : output_sums()) say("output " + sum.name, sum);
}

}  // namespace acta
