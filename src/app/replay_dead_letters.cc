#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>

#include "app/components.h"
#include "app/engine.h"
#include "app/load.h"
#include "app/spool.h"
#include "base/log.h"
#include "pipeline/letter_reader.h"
#include "pipeline/runner.h"
#include "pipeline/runner_options.h"

namespace acta {
namespace {

constexpr Nanos kTick = 50 * kMillisecond;
constexpr Nanos kUnlimited = INT64_MAX / 2;

/// What a replay came to. letters = accepted + refused + left.
struct Replayed {
  uint64_t accepted = 0, refused = 0, unreadable = 0;
  bool finished = false;
  std::string file, refused_file;
};

/// Sends the letters of one output through the output as it is configured, with the rules of its runner.
///
/// The file is taken first, by a new name: a running agent makes a new one. It is removed when every letter in it was
/// accepted or, refused again, is in another file. A replay that was interrupted goes on with it.
class Replay {
 public:
  Replay(const Config& config, const OutputConfig& output, bool refused_again)
      : output_config_(output),
        directory_(config.dead_letters_path),
        letters_of_(output.type + (refused_again ? kRefused : "")),
        taken_(directory_ + "/" + letters_of_ + ".ndjson.replay"),
        again_(fs_, clock_, directory_, output.type + kRefused),
        config_(config) {}

  /// How many files there are: one that an interrupted replay left, full ones, and the current one.
  Result<size_t> files() {
    if (!fs_.stat(directory_)) return size_t{0};
    auto found = DeadLetters::files(fs_, directory_, letters_of_);
    if (!found) return tl::unexpected(found.error());
    return found->size() + (fs_.stat(taken_) ? 1 : 0);
  }

  /// Replays the oldest of them.
  Result<Replayed> run() {
    if (!fs_.stat(directory_)) return no_letters();
    auto lock = fs_.lock(directory_ + "/" + output_config_.type + ".lock");
    if (!lock) return tl::unexpected(lock.error());
    if (auto taken = take(); !taken) return tl::unexpected(taken.error());
    auto output = make_output(output_config_);
    if (!output) return tl::unexpected(output.error());
    std::unique_ptr<FileLock> alone;
    if (!(*output)->shared()) {  // as the agent does: it and this must not write to one destination at once
      auto agent = fs_.lock(config_.path_data + "/" + std::string(kAgentLock));
      if (!agent) return tl::unexpected(agent.error());
      alone = std::move(*agent);
    }
    const auto keep = [this](std::string_view line, std::string_view why) {
      const DeadLetter letter{.why = why, .doc = {.meta = {}, .json = line}};
      return again_.write({&letter, 1});
    };
    auto reader = LetterReader::open(fs_, taken_, keep, (*output)->fields());
    if (!reader) return tl::unexpected(reader.error());
    LetterReader& letters = **reader;
    auto options =
        runner_options(output_config_.settings, output_config_.type, static_cast<uint64_t>(clock_.realtime()));
    if (!options) return tl::unexpected(options.error());
    Runner runner(std::move(*options), **output, std::move(*reader), again_, clock_);
    deliver(runner);
    Replayed done{.accepted = runner.counters().accepted.load(),
                  .refused = runner.counters().rejected.load(),
                  .unreadable = letters.unreadable(),
                  .finished = letters.finished(),
                  .file = taken_,
                  .refused_file = again_.path()};
    if (!done.finished) return done;
    // The place goes last: without it all letters would be sent once more, with the same ids.
    for (const std::string& file : {taken_, LetterReader::place_path(taken_)}) {
      if (!fs_.stat(file)) continue;
      if (auto removed = fs_.remove(file); !removed) return tl::unexpected(removed.error());
    }
    if (auto synced = fs_.sync_dir(directory_); !synced) return tl::unexpected(synced.error());
    return done;
  }

 private:
  static constexpr const char* kRefused = "-refused";

  [[nodiscard]] tl::unexpected<Error> no_letters() const {
    return fail(Errc::closed, directory_ + "/" + letters_of_ + ".ndjson: there are no dead letters");
  }

  // What an interrupted replay left goes first.
  Result<> take() {
    if (fs_.stat(taken_)) return {};
    auto found = DeadLetters::files(fs_, directory_, letters_of_);
    if (!found) return tl::unexpected(found.error());
    if (found->empty()) return no_letters();
    // A place without its file is of a replay that was finished.
    if (fs_.stat(LetterReader::place_path(taken_))) {
      if (auto removed = fs_.remove(LetterReader::place_path(taken_)); !removed) return removed;
    }
    if (auto moved = fs_.rename(found->front(), taken_); !moved) return moved;
    return fs_.sync_dir(directory_);
  }

  // Until all is delivered, or a signal.
  void deliver(Runner& runner) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    runner.stop(kUnlimited);  // ends by itself when nothing is left
    const timespec wait{.tv_sec = 0, .tv_nsec = kTick};
    while (!runner.ended()) {
      const Nanos pause = runner.step();
      if (sigtimedwait(&signals, nullptr, pause == 0 ? &none_ : &wait) > 0)
        runner.stop(clock_.monotonic() + config_.shutdown_timeout);
    }
  }

  PosixFs fs_;
  SystemClock clock_;
  const OutputConfig& output_config_;
  const std::string directory_;
  const std::string letters_of_;  // the output's name, or that of what was refused again
  const std::string taken_;
  DeadLetters again_;
  const Config& config_;
  const timespec none_{};
};

Result<const OutputConfig*> find_output(const Config& config, const std::string& name) {
  const OutputConfig* found = nullptr;
  for (const OutputConfig& output : config.outputs) {
    if (!output.enabled || (!name.empty() && output.type != name)) continue;
    if (found != nullptr) return fail(Errc::config, "several outputs are configured: name one with --output");
    found = &output;
  }
  if (found == nullptr) return fail(Errc::config, "no output " + name + " is configured");
  return found;
}

Result<Replayed> replay_letters(const SpoolOptions& options) {
  auto config = load(options.config);
  if (!config) return tl::unexpected(config.error());
  config->logging.to_stderr = true;
  config->logging.file.clear();
  log::setup(config->logging);
  auto output = find_output(*config, options.output);
  if (!output) return tl::unexpected(output.error());
  Replayed sum;
  auto files = Replay(*config, **output, options.refused_again).files();
  if (!files) return tl::unexpected(files.error());
  for (size_t i = 0; i < std::max<size_t>(*files, 1); ++i) {
    auto one = Replay(*config, **output, options.refused_again).run();
    if (!one) return one;
    one->accepted += sum.accepted;
    one->refused += sum.refused;
    one->unreadable += sum.unreadable;
    sum = *std::move(one);
    if (!sum.finished) break;
  }
  return sum;
}

}  // namespace

int run_replay_dead_letters(const SpoolOptions& options) {
  const auto done = replay_letters(options);
  if (!done) return print_error(done.error());
  if (options.json) {
    fmt::print(R"({{"accepted":{},"refused_again":{},"unreadable":{},"finished":{}}})"
               "\n",
               done->accepted, done->refused, done->unreadable, done->finished);
  } else {
    fmt::print("accepted {}, refused again {}, no letters {}\n", done->accepted, done->refused, done->unreadable);
    if (done->refused + done->unreadable > 0) fmt::print("what was refused again is in {}\n", done->refused_file);
    if (!done->finished) fmt::print("the rest is in {}: run this again to go on\n", done->file);
  }
  return done->finished && done->refused + done->unreadable == 0 ? 0 : 1;
}

}  // namespace acta
