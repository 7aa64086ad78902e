#include "base/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <system_error>
#include <vector>

#include "base/log_line.h"
#include "base/repeats.h"

namespace acta::log {
namespace {

/// Where lines go, and in which style. Sinks are asked under the mutex of Log only, so that those without locks of
/// their own do.
struct Target {
  std::unique_ptr<spdlog::sinks::sink> sink;
  Style style;
};

std::unique_ptr<spdlog::sinks::sink> raw(std::unique_ptr<spdlog::sinks::sink> sink) {
  sink->set_pattern("%v");
  return sink;
}

Target stderr_target(const Settings& settings) {
  Style style = settings.json ? Style::json : Style::text;
  if (settings.journald && !settings.json) style = Style::journal;
  return {raw(std::make_unique<spdlog::sinks::stderr_sink_st>()), style};
}

/// spdlog makes files and folders by the umask; made here before, they keep this mode.
void make_private(const spdlog::filename_t& path) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND | O_NONBLOCK, 0600);
  if (fd < 0) return;  // the sink says so
  ::fchmod(fd, 0600);
  ::close(fd);
}

/// The log of the process. Any thread.
class Log {
 public:
  Log() = default;
  ~Log() { flush(); }  // at the end of the program
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  Result<> setup(const Settings& settings) {
    std::vector<Target> targets;
    Result<> result;
    if (settings.to_stderr) targets.push_back(stderr_target(settings));
    if (!settings.file.empty()) {
      try {
        spdlog::file_event_handlers handlers;
        handlers.before_open = make_private;
        targets.push_back({raw(std::make_unique<spdlog::sinks::rotating_file_sink_st>(
                               settings.file, settings.file_bytes_max, settings.files_kept, false, handlers)),
                           settings.json ? Style::json : Style::text});
      } catch (const std::exception& failed) {
        result = fail(Errc::io, fmt::format("cannot log to {}: {}", settings.file, failed.what()));
        if (!settings.to_stderr) targets.push_back(stderr_target(settings));
      }
    }
    const std::lock_guard lock(mutex_);
    targets_ = std::move(targets);
    level_.store(settings.level, std::memory_order_relaxed);
    return result;
  }

  [[nodiscard]] bool enabled(Level level) const { return level >= level_.load(std::memory_order_relaxed); }

  void write(Level level, std::string_view component, std::string_view message) {
    const std::lock_guard lock(mutex_);
    const Nanos now = clock_.monotonic();
    const bool admitted = repeats_.admit(static_cast<uint8_t>(level), component, message, now);
    say(repeats_.due(now));
    if (admitted) put(level, component, message);
  }

  void flush() {
    const std::lock_guard lock(mutex_);
    say(repeats_.all());
  }

 private:
  void say(const std::vector<Repeats::Counted>& counted) {
    for (const Repeats::Counted& repeat : counted) {
      put(static_cast<Level>(repeat.level), repeat.component,
          repeat.count == 1 ? repeat.message + " (and once more)"
                            : fmt::format("{} (and {} times more)", repeat.message, repeat.count));
    }
  }

  void put(Level level, std::string_view component, std::string_view message) {
    const Nanos realtime = clock_.realtime();
    for (const Target& target : targets_) {
      const std::string line = format_line(target.style, level, component, message, realtime);
      try {
        target.sink->log(
            {spdlog::string_view_t(), spdlog::level::info, spdlog::string_view_t(line.data(), line.size())});
        target.sink->flush();
      } catch (const std::exception&) {
        continue;  // a full disk: the log must not stop the agent, nor the other target
      }
    }
  }

  std::mutex mutex_;
  SystemClock clock_;
  Repeats repeats_;
  std::vector<Target> targets_ = [] {
    std::vector<Target> first;
    first.push_back(stderr_target({}));
    return first;
  }();
  std::atomic<Level> level_{Level::info};
};

Log& the_log() {
  static Log log;
  return log;
}

}  // namespace

Result<> setup(const Settings& settings) {
  return the_log().setup(settings);
}
bool enabled(Level level) {
  return the_log().enabled(level);
}
void flush() {
  the_log().flush();
}

void write(Level level, std::string_view component, std::string_view message) {
  if (enabled(level)) the_log().write(level, component, message);
}

bool stderr_is_journal() {
  const char* named = std::getenv("JOURNAL_STREAM");
  struct stat st {};
  if (named == nullptr || ::fstat(STDERR_FILENO, &st) != 0) return false;
  return fmt::format("{}:{}", st.st_dev, st.st_ino) == named;
}

}  // namespace acta::log
