#include "pipeline/runner_options.h"

#include <charconv>

namespace acta {
namespace {

constexpr size_t kWorkersMax = 64;
constexpr size_t kWorkersOfAuto = 8;

constexpr Option kOptions[] = {
    {.key = "workers",
     .type = Option::Type::text,
     .fallback = "1",
     .help = "How many sends may be under way at once, 1 to 64; auto finds out what the destination bears. With more "
             "than one, documents may arrive out of order. Outputs that write to one place have one."},
    {.key = "bulk_max_size",
     .type = Option::Type::integer,
     .fallback = "2048",
     .help = "Documents in one send at most.",
     .min = 1,
     .max = 1'000'000},
    {.key = "bulk_max_bytes",
     .type = Option::Type::bytes,
     .fallback = "8MiB",
     .help = "Bytes of the documents in one send at most; a larger single document is sent alone.",
     .min = 1024,
     .max = 1 << 30},
    {.key = "flush_interval",
     .type = Option::Type::duration,
     .fallback = "0s",
     .help = "How long a send that is not full may wait for more documents.",
     .min = 0,
     .max = 3600 * kSecond},
    {.key = "backoff.init",
     .type = Option::Type::duration,
     .fallback = "1s",
     .help = "Upper limit of the first wait after a refusal; it doubles with each further one.",
     .min = kMillisecond,
     .max = 3600 * kSecond},
    {.key = "backoff.max",
     .type = Option::Type::duration,
     .fallback = "60s",
     .help = "Upper limit of the wait after any number of refusals.",
     .min = kMillisecond,
     .max = 3600 * kSecond},
    {.key = "timeout",
     .type = Option::Type::duration,
     .fallback = "90s",
     .help = "How long one attempt to send may take.",
     .min = kMillisecond,
     .max = 3600 * kSecond},
};

}  // namespace

std::span<const Option> runner_option_table() {
  return kOptions;
}

Result<RunnerOptions> runner_options(const Settings& settings, std::string name, uint64_t seed) {
  RunnerOptions options;
  options.name = std::move(name);
  options.bulk_max_events = static_cast<size_t>(settings.integer("bulk_max_size"));
  options.bulk_max_bytes = settings.bytes("bulk_max_bytes");
  options.flush_interval = settings.duration("flush_interval");
  options.backoff_init = settings.duration("backoff.init");
  options.backoff_max = settings.duration("backoff.max");
  options.send_timeout = settings.duration("timeout");
  options.seed = seed;
  const std::string& workers = settings.text("workers");
  options.adaptive = workers == "auto";
  if (options.adaptive) {
    options.workers = kWorkersOfAuto;
    return options;
  }
  const char* end = workers.data() + workers.size();
  const auto [stopped, bad] = std::from_chars(workers.data(), end, options.workers);
  if (bad != std::errc{} || stopped != end || options.workers < 1 || options.workers > kWorkersMax) {
    return fail(Errc::config,
                "output." + options.name + ".workers is '" + workers + "': give a number from 1 to 64, or auto");
  }
  return options;
}

}  // namespace acta
