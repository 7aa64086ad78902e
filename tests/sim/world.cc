#include "sim/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "inputs/file_input.h"
#include "pipeline/runner_options.h"
#include "queue/memory_queue.h"
#include "sim/watched_queue.h"
#include "support/audit_lines.h"
#include "sys/acct_framer.h"
#include "sys/line_framer.h"

namespace acta::sim {
namespace {

constexpr char kData[] = "/data";
constexpr char kDeadLetters[] = "/data/dead_letters";
constexpr Nanos kUnreadMax = 2 * kSecond;      // the collect thread looks at its inputs at least this often
constexpr Nanos kUnfinishedMax = 5 * kSecond;  // auditd writes the records of an event within this
constexpr Nanos kAge = 20 * kSecond;           // after which the agent gives up waiting for the rest of an event
constexpr size_t kDrainStepsMax = 20'000;

std::unique_ptr<Framer> line_framer(uint16_t source) {
  return std::make_unique<LineFramer>(source);
}
std::unique_ptr<Framer> acct_framer(uint16_t source) {
  return std::make_unique<accounting::AcctFramer>(source, "pacct");
}

Settings settings_of_delivery(test::Random& random, const std::string& workers) {
  auto settings = make_settings(runner_option_table(), {{"workers", workers},
                                                        {"bulk_max_size", std::to_string(1 + random.pick(40))},
                                                        {"flush_interval", std::to_string(random.pick(3)) + "00ms"},
                                                        {"backoff.init", "50ms"},
                                                        {"backoff.max", "2s"},
                                                        {"timeout", "1s"}});
  CHECK(settings.has_value());
  return *settings;
}

/// What stands between a runner and the connection: a bug changes the answers.
class ChangedAnswers final : public Output {
 public:
  ChangedAnswers(std::unique_ptr<Output> under, std::function<Attempt(Attempt)> change)
      : under_(std::move(under)), change_(std::move(change)) {}
  Result<> connect() override { return under_->connect(); }
  Attempt send(Docs docs, Nanos deadline) override { return change_(under_->send(docs, deadline)); }
  Result<> tick(Nanos now) override { return under_->tick(now); }
  [[nodiscard]] bool shared() const override { return under_->shared(); }
  Result<> close() override { return under_->close(); }

 private:
  std::unique_ptr<Output> under_;
  std::function<Attempt(Attempt)> change_;
};

// A step of each lane; returns how long the first of them may wait.
Nanos step_lanes(Runner& runner) {
  Nanos wait = Runner::kNever;
  for (size_t lane = 0; lane < runner.lanes(); ++lane) wait = std::min(wait, runner.step(lane));
  return wait;
}

}  // namespace

World::World(uint64_t seed, Bugs bugs)
    : random_(seed),
      bugs_(std::move(bugs)),
      tampered_(
          disk_, bugs_.write ? bugs_.write : [](const std::string&, std::string_view b) { return std::string(b); }),
      data_(tampered_),
      host_(disk_, clock_, random_, ledger_) {
  for (const char* name : {"a", "b"}) {
    destinations_.push_back(std::make_unique<Destination>(name, clock_, random_, ledger_));
    Destination& made = *destinations_.back();
    made.rejects = random_.chance(30);
    if (random_.chance(30)) made.documents_max = 1 + random_.pick(10);
  }
  static_cast<void>(disk_.make_dirs("/log/audit"));
  static_cast<void>(disk_.make_dirs("/log/account"));
  on_disk_ = random_.chance(60);
  outputs_change_ = random_.chance(40);
  registry_flush_ = static_cast<Nanos>(1 + random_.pick(1000)) * kMillisecond;
  constexpr DiskOptions::Sync kSyncs[] = {DiskOptions::Sync::interval, DiskOptions::Sync::interval,
                                          DiskOptions::Sync::always};
  disk_options_ = {.directory = "/data/spool",
                   .bytes_max = (32 + random_.pick(400)) << 10,
                   .segment_bytes = 0,
                   .reserve_bytes = 0,
                   .sync = kSyncs[random_.pick(3)],
                   .level = 0,  // sizes depend on no random bytes then, and a seed is the same story every time
                   .key = random_.chance(30) ? std::string(32, 'k') : std::string()};
  disk_options_.segment_bytes =
      std::min<uint64_t>((4 + random_.pick(60)) << 10, disk_options_.bytes_max / 4);  // as configured
}

World::~World() = default;

Destination& World::destination(const std::string& name) {
  return **std::find_if(destinations_.begin(), destinations_.end(), [&](const auto& d) { return d->name() == name; });
}

// ---- the agent's parts

Config World::config() {
  Config config;
  config.name = "agent";
  config.host_id = "h1";
  config.follow = true;
  config.path_data = kData;
  config.shutdown_timeout = 5 * kSecond;
  config.registry_flush = registry_flush_;
  config.dead_letters_path = kDeadLetters;
  config.users.passwd = config.users.group = "/dev/null";
  config.assembly = {.age = kAge,
                     .events_max = 4096,
                     .records_max = 4096,
                     .bytes_max = 8u << 20,
                     .closed_kept = 4096,
                     .args_bytes_max = 128u << 10};
  for (const char* id : {"audit_log", "pacct"})
    config.inputs.push_back({.id = id, .type = id, .enabled = true, .settings = {}, .where = {}});
  configure_outputs(config);
  return config;
}

// Output a is always there; b comes and goes. What b misses is not ours when nobody remembers it.
void World::configure_outputs(Config& config) {
  outputs_ = {"a"};
  if (!outputs_change_ || random_.chance(50)) outputs_.push_back("b");
  if (story_.lives == 0) complete_ = std::set<std::string>(outputs_.begin(), outputs_.end());
  const bool without = outputs_.size() == 1;
  if (without && !(on_disk_ && disk_.exists("/data/spool/b.reader"))) complete_.erase("b");
  for (const std::string& name : outputs_) {
    constexpr const char* kWorkers[] = {"1", "1", "3", "auto"};
    const std::string workers = kWorkers[random_.pick(std::size(kWorkers))];
    destination(name).begin_life(workers == "1");
    config.outputs.push_back(
        {.type = name, .enabled = true, .settings = settings_of_delivery(random_, workers), .where = {}});
  }
}

Result<MadeQueue> World::queue(Fs& fs) {
  std::unique_ptr<Queue> made;
  spool_ = nullptr;
  if (on_disk_) {
    auto opened = DiskQueue::open(fs, clock_, disk_options_);
    if (!opened) return tl::unexpected(opened.error());
    spool_ = opened->get();
    made = std::move(*opened);
  } else {
    made = std::make_unique<MemoryQueue>(MemoryLimits{.events_max = 50, .bytes_max = 200'000});
  }
  const auto begun = [this](const std::string& reader, Offset committed) { read_[reader] = {committed, committed, 0}; };
  const auto read = [this](const std::string& reader, const Span& span) {
    Read& place = read_[reader];
    place.missed += span.first - place.upto;
    place.upto = span.end();
    for (size_t i = 0; i < span.batch->size(); ++i) destination(reader).read(std::string((*span.batch)[i].meta.id));
  };
  auto watched = std::make_unique<WatchedQueue>(
      std::move(made),
      QueueHooks{
          .begun = begun, .read = read, .all_is_safe = bugs_.unsafe_is_safe, .commits_beyond = bugs_.commits_beyond});
  return MadeQueue{.queue = std::move(watched), .sync_every = on_disk_ ? 200 * kMillisecond : 0};
}

std::unique_ptr<Input> World::input(const InputConfig& config) {
  const bool audit = config.type == "audit_log";
  return std::make_unique<FileInput>(
      FileFollower::Settings{.name = config.type,
                             .paths = {audit ? kAuditLog : kAccounting},
                             .identity = audit ? IdentityRule::first_line : IdentityRule::first_64_bytes,
                             .watch = false},
      audit ? line_framer : acct_framer, clock_, disk_);
}

std::unique_ptr<Output> World::output(const std::string& name) {
  auto made = destination(name).connection([this] { return dead(); });
  if (bugs_.answer) made = std::make_unique<ChangedAnswers>(std::move(made), bugs_.answer);
  return made;
}

bool World::start(bool once) {
  Engine::Parts parts{.clock = clock_, .fs = data_};
  parts.input = [this](const InputConfig& config) -> Result<std::unique_ptr<Input>> { return input(config); };
  parts.output = [this](const OutputConfig& config) -> Result<std::unique_ptr<Output>> { return output(config.type); };
  parts.queue = [this](const QueueConfig&, Fs& fs, const Clock&) { return queue(fs); };
  const Config configured = config();
  ++story_.lives;
  auto made = Engine::make(configured, parts, once);
  if (!made && !dead()) {  // a fault that was planned may have hit it; started again it must come up
    end_faults();
    made = Engine::make(configured, parts, once);
  }
  if (!made) {
    if (!dead()) ledger_.problem("does not start: " + made.error().what);
    return false;
  }
  engine_ = std::move(*made);
  collected_at_ = clock_.monotonic();
  if (spool_ != nullptr && spool_->counts().lost != 0) ledger_.problem("the spool lost documents at the start");
  return true;
}

// ---- what happens

std::vector<std::string> World::run() {
  const size_t lives = 1 + random_.pick(5);
  for (size_t life = 0; life < lives && ledger_.problems().empty(); ++life) live(false);
  if (ledger_.problems().empty()) live(true);
  story_.documents = ledger_.expected();
  return ledger_.problems();
}

void World::live(bool last) {
  if (last) return finish();
  const size_t end = random_.pick(4);  // 0: an orderly stop
  const size_t steps = 20 + random_.pick(250);
  const size_t dies_at = random_.pick(steps);
  if (end != 0 && random_.chance(10)) data_.calls_left = static_cast<unsigned>(random_.pick(60));
  if (!start(false)) return die();
  for (size_t step = 0; step < steps && !dead() && !engine_->finished(); ++step) {
    if (end != 0 && step == dies_at && !data_.calls_left) data_.calls_left = static_cast<unsigned>(random_.pick(40));
    act();
    if (!ledger_.problems().empty()) return;
  }
  if (end == 0 || (engine_->finished() && !dead())) {
    stop(false);
  } else {
    die();
  }
}

void World::act() {
  if (clock_.monotonic() - host_.unfinished_since() > kUnfinishedMax) host_.finish();
  if (clock_.monotonic() - collected_at_ > kUnreadMax) {
    engine_->collect(0);
    collected_at_ = clock_.monotonic();
  }
  const size_t what = random_.pick(100);
  if (what < 20) {
    act_as_host();
  } else if (what < 90) {
    act_as_agent();
  } else if (what < 97) {
    pass_time();
  } else {
    make_trouble();
  }
  if (!dead()) check_sums();
}

void World::act_as_host() {
  const size_t what = random_.pick(20);
  if (what < 14) {
    host_.audit(1 + random_.pick(15));
  } else if (what < 18) {
    host_.account(1 + random_.pick(4));
  } else if (what == 18) {
    host_.rotate_audit();
  } else {
    host_.rotate_accounting();
  }
}

void World::act_as_agent() {
  const size_t what = random_.pick(10);
  if (what < 2) {
    engine_->collect(0);
    collected_at_ = clock_.monotonic();
  } else if (what < 5) {
    engine_->work(0);
  } else if (what < 6) {
    engine_->sync();
  } else if (what < 9) {
    Runner& runner = engine_->runner(random_.pick(engine_->outputs()));
    runner.step(random_.pick(runner.lanes()));
  } else {
    engine_->tick();
  }
}

void World::pass_time() {
  if (!random_.chance(15)) return clock_.advance(static_cast<Nanos>(1 + random_.pick(300)) * kMillisecond);
  // A long while in which nothing is written: the agent looks at its inputs all the same.
  host_.finish();
  for (size_t left = random_.pick(90); left > 0 && !dead(); --left) {
    clock_.advance(kSecond);
    engine_->collect(0);
  }
  collected_at_ = clock_.monotonic();
}

void World::make_trouble() {
  for (const auto& destination : destinations_) destination->trouble = random_.chance(50) ? 0 : random_.pick(100);
  if (random_.chance(30)) disk_.capacity = random_.chance(50) ? UINT64_MAX : disk_.used() + random_.pick(20'000);
  if (random_.chance(10)) data_.fail(test::FaultFs::Op::sync, EIO, 1, static_cast<unsigned>(random_.pick(5)));
  if (random_.chance(20)) data_.fail(test::FaultFs::Op::append, ENOSPC, static_cast<unsigned>(1 + random_.pick(3)));
  if (random_.chance(10)) data_.fail(test::FaultFs::Op::rename, EIO, 1);
}

void World::end_faults() {
  disk_.capacity = UINT64_MAX;
  for (const auto op : {test::FaultFs::Op::sync, test::FaultFs::Op::append, test::FaultFs::Op::rename})
    data_.fail(op, EIO, 0);
}

// As the Agent does on SIGTERM, or when something failed for good.
void World::stop(bool ended) {
  if (engine_->finished() && !ended) ++story_.failures;
  engine_->stop_reading();
  while (engine_->collect(0)) {
  }
  while (engine_->work(0)) {
  }
  engine_->stop_outputs();
  for (size_t i = 0; i < engine_->outputs(); ++i) {
    while (!engine_->runner(i).ended()) {
      const Nanos wait = step_lanes(engine_->runner(i));
      if (wait != Runner::kNever) clock_.advance(std::min(wait, kSecond));
    }
  }
  engine_->close();
  if (dead()) return die();
  check_sums();
  engine_.reset();
  data_.calls_left.reset();
}

// The agent is killed, or the host crashes under it.
void World::die() {
  engine_.reset();
  data_.calls_left.reset();
  using Loss = test::FakeFs::Loss;
  constexpr Loss kLosses[] = {Loss::nothing, Loss::everything, Loss::random_tails, Loss::random_pages};
  if (random_.chance(50)) {
    ++story_.kills;
  } else {
    ++story_.crashes;
    disk_.crash(kLosses[random_.pick(4)], random_.engine());
  }
  disk_.capacity = UINT64_MAX;
  host_.finish();
  clock_.advance(static_cast<Nanos>(random_.pick(30)) * kSecond);
}

// The end of all trouble: what is there is read to its end and delivered.
void World::finish() {
  for (const auto& destination : destinations_) destination->trouble = 0;
  end_faults();
  host_.finish();
  outputs_change_ = false;
  if (!start(true)) return;
  for (size_t step = 0; !engine_->finished() && ledger_.problems().empty(); ++step) {
    if (step > kDrainStepsMax) return ledger_.problem("never comes to an end");
    engine_->collect(0);
    engine_->work(0);
    engine_->sync();
    for (size_t i = 0; i < engine_->outputs(); ++i) step_lanes(engine_->runner(i));
    engine_->tick();
    clock_.advance(10 * kMillisecond);
    check_sums();
  }
  if (!ledger_.problems().empty()) return;
  queue_end_ = engine_->queue().end();
  stop(true);
  check_end();
}

// ---- what must hold

// Conservation, at a moment when nothing is being done.
void World::check_sums() {
  for (const InputSum& sum : engine_->input_sums()) {
    if (!sum.holds()) ledger_.problem(sum.name + ": " + sum.text());
  }
  for (const OutputSum& sum : engine_->output_sums()) {
    if (!sum.holds()) ledger_.problem(sum.name + ": " + sum.text());
  }
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const OutputCounters& c = engine_->runner(i).counters();
    const uint64_t sum = c.accepted + c.rejected + c.waiting;
    if (c.read != sum)
      ledger_.problem(fmt::format("output {}: read {}, accounted for {}", outputs_[i], c.read.load(), sum));
    const Read& place = read_[outputs_[i]];
    if (place.upto - place.from != c.read + place.missed) ledger_.problem("output " + outputs_[i] + " skips documents");
    if (c.accepted != destination(outputs_[i]).acknowledged())
      ledger_.problem(fmt::format("output {}: {} accepted, but {} acknowledged", outputs_[i], c.accepted.load(),
                                  destination(outputs_[i]).acknowledged()));
  }
  if (spool_ != nullptr && spool_->counts().lost != 0) ledger_.problem("the spool lost documents");
}

// The ids of the dead letters; each holds the document as it was sent.
std::set<std::string> World::dead_letters(const std::string& output) {
  std::set<std::string> ids;
  const std::string text = disk_.content(std::string(kDeadLetters) + "/" + output + ".ndjson");
  constexpr std::string_view kBeforeId = ",\"id\":\"", kBeforeDocument = ",\"document\":";
  test::for_each_line(text, [&](std::string_view line) {
    const size_t from = line.find(kBeforeId) + kBeforeId.size();
    const std::string id(line.substr(from, line.find('"', from) - from));
    const size_t document = line.find(kBeforeDocument, from) + kBeforeDocument.size();
    ids.insert(id);
    ledger_.arrived(id, line.substr(document, line.size() - 1 - document));
  });
  return ids;
}

void World::check_end() {
  for (const std::string& name : outputs_) {
    if (read_[name].upto != queue_end_) ledger_.problem(name + " did not read to the end of the queue");
    if (!complete_.contains(name)) continue;
    std::set<std::string> ids = dead_letters(name);
    for (const std::string& id : ids) {
      if (destination(name).ids().contains(id)) ledger_.problem(id + " is in the dead letters and was accepted");
    }
    ids.insert(destination(name).ids().begin(), destination(name).ids().end());
    ledger_.check_complete(ids, name);
  }
}

}  // namespace acta::sim
