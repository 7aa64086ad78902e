#include "app/run.h"

#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>

#include "app/agent.h"
#include "app/components.h"
#include "app/load.h"
#include "base/log.h"
#include "sys/privileges.h"

namespace acta {
namespace {

constexpr Nanos kTick = 100 * kMillisecond;
constexpr int kTicksToTrim = 600;  // a minute
constexpr int kTrimmed = 1 << 20;  // bytes of free memory that a heap keeps

// Batches go from thread to thread, and glibc keeps what one thread frees for its next batch. Large blocks go back to
// the system at once: some 10 MB less resident at full speed, nothing lost at the rates of a host.
void keep_memory_small() {
  constexpr int kLargeBlock = 512 << 10;
  mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  mallopt(M_TRIM_THRESHOLD, kTrimmed);
}

// What a burst has left free between blocks in use goes back only when it is asked for.
void give_memory_back(int tick) {
  if (tick % kTicksToTrim == 0) malloc_trim(kTrimmed);
}

// Blocks the signals that end the agent, for this thread and those it starts: they are waited for in the main loop.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Runs until a signal or the end of all work.
void main_loop(Agent& agent, const sigset_t& signals) {
  for (int tick = 1; !agent.finished(); ++tick) {
    const timespec wait{.tv_sec = 0, .tv_nsec = kTick};
    const int signal = sigtimedwait(&signals, nullptr, &wait);
    if (signal == SIGINT || signal == SIGTERM) {
      log::info("agent", "stopping");
      return;
    }
    if (signal == SIGHUP) agent.reload();
    agent.tick();
    give_memory_back(tick);
  }
}

// What the inputs that are enabled ask for. One that cannot be made says so when the agent makes it.
PrivilegeOptions privileges_for(const Config& config) {
  PrivilegeOptions options{.user = {},
                           .needed = 0,
                           .drop = config.general.boolean("privileges.drop"),
                           .seccomp = config.general.boolean("privileges.seccomp")};
  if (config.general.has("privileges.user")) options.user = config.general.text("privileges.user");
  for (const InputConfig& input : config.inputs) {
    if (!input.enabled) continue;
    if (const auto made = make_input(input)) options.needed |= (*made)->capabilities();
  }
  return options;
}

}  // namespace

int run_agent(const RunOptions& options) {
  keep_memory_small();
  PosixFs fs;
  const SystemClock clock;
  auto config = load(options.config);
  if (!config) return print_error(config.error());
  if (options.to_stderr) {
    config->logging.to_stderr = true;
    config->logging.file.clear();
  }
  const sigset_t signals = block_signals();
  if (auto dropped = drop_privileges(privileges_for(*config)); !dropped) return print_error(dropped.error());
  log::setup(config->logging);
  auto agent = Agent::make(*config, clock, fs, options.once);
  if (!agent) return print_error(agent.error());
  log::info("agent", fmt::format("actabeat {} starts", ACTA_VERSION));
  (*agent)->start();
  main_loop(**agent, signals);
  const bool stopped = (*agent)->stop();
  (*agent)->log_totals();
  return stopped ? 0 : 1;
}

}  // namespace acta
