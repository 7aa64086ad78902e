#include "app/replay.h"

#include <cstdio>
#include <map>
#include <memory>

#include "app/decoding.h"
#include "app/load.h"
#include "app/replay_reader.h"
#include "outputs/output.h"
#include "pipeline/pipeline.h"
#include "queue/direct_queue.h"
#include "sys/acct_framer.h"
#include "sys/line_framer.h"

namespace acta {
namespace {

Result<std::unique_ptr<Output>> make_console(bool pretty) {
  const Component<Output>* console = Registry<Output>::find("console");
  CHECK(console != nullptr);
  auto settings = make_settings(console->options, {{"pretty", pretty ? "true" : "false"}});
  if (!settings) return tl::unexpected(settings.error());
  return console->make(*settings);
}

/// Files -> pipeline -> standard output, on one thread.
class Replay {
 public:
  Replay(const ReplayOptions& options, Decoding& decoding, Output& output)
      : options_(options),
        output_(output),
        queue_([this](const Batch& batch) { return print(batch); }),
        pipeline_({.clock = &clock_,
                   .queue = &queue_,
                   .decoders = decoding.decoders(),
                   .processors = {},
                   .resume = {Cursor{}},
                   .inputs = {"replay"},
                   .services = decoding.services()}) {}

  Result<> file(const std::string& path) {
    auto reader = ReplayReader::open(path, ++files_, options_.original);
    if (!reader) return tl::unexpected(reader.error());
    readers_.push_back(std::move(*reader));
    Framer& framer = framer_for(*readers_.back());
    for (bool more = true; more;) {
      RawBatch batch = pipeline_.take_back();
      batch.clear();
      batch.read_at = clock_.realtime();
      auto read = readers_.back()->read(batch, framer);
      if (!read) return tl::unexpected(read.error());
      more = *read;
      pipeline_.accept(std::move(batch));
      if (auto done = settle(); !done) return done;
      if (pipeline_.documents() - asked_ >= Pipeline::kCursorEvery) {
        asked_ = pipeline_.documents();
        static_cast<void>(pipeline_.cursor(0));  // forgets what is safe: everything that was printed
      }
    }
    return {};
  }

  Result<> finish() {
    pipeline_.flush();
    return settle();
  }

 private:
  Framer& framer_for(const ReplayReader& reader) {
    const bool accounting =
        options_.type.empty() ? reader.kind() == RawKind::accounting_record : options_.type == "pacct";
    return accounting ? static_cast<Framer&>(accounting_) : lines_;
  }

  Result<> settle() {
    while (!pipeline_.hungry()) {
      if (auto stepped = pipeline_.step(0); !stepped) return stepped;
    }
    return {};
  }

  Result<> print(const Batch& batch) {
    if (options_.explain_fields) return {};
    const Attempt attempt = output_.send(batch.docs(), INT64_MAX);
    for (const Fate fate : attempt.fate) {
      if (fate != Fate::accepted) return fail(Errc::io, attempt.why);
    }
    return {};
  }

  const ReplayOptions& options_;
  Output& output_;
  SystemClock clock_;
  DirectQueue queue_;
  Pipeline pipeline_;
  LineFramer lines_{0};
  accounting::AcctFramer accounting_{0, "replay"};
  std::vector<std::unique_ptr<ReplayReader>> readers_;  // kept: unfinished events refer to their origins
  uint64_t files_ = 0;
  uint64_t asked_ = 0;
};

Result<> run_replay(const ReplayOptions& options) {
  const SystemClock clock;
  PosixFs fs;
  Decoding::Options decoding_options;
  decoding_options.host_id = options.host_id;
  decoding_options.users.passwd = options.passwd;
  decoding_options.users.group = options.group;
  if (options.explain_fields) {
    decoding_options.audit.explain = [](std::string_view line) { std::fwrite(line.data(), 1, line.size(), stdout); };
  }
  auto decoding = Decoding::make(clock, fs, decoding_options);
  if (!decoding) return tl::unexpected(decoding.error());
  auto output = make_console(options.pretty);
  if (!output) return tl::unexpected(output.error());
  if (auto connected = (*output)->connect(); !connected) return connected;
  Replay replay(options, **decoding, **output);
  for (const std::string& path : options.files) {
    if (auto done = replay.file(path); !done) return done;
  }
  return replay.finish();
}

}  // namespace

int replay(const ReplayOptions& options) {
  const auto done = run_replay(options);
  return done ? 0 : print_error(done.error());
}

}  // namespace acta
