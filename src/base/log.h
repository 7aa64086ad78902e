#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace acta::log {

enum class Level : uint8_t { debug, info, warning, error };

/// Where the agent's own log goes. Set once by the main thread before other threads start.
struct Settings {
  Level level = Level::info;
  bool to_stderr = true;
  bool journald = false;  ///< "<6>" priority prefixes (sd-daemon(3)) on stderr
  bool json = false;      ///< one JSON object per line
  std::string file;       ///< path when logging to a file, else empty
  uint64_t file_bytes_max = 10u << 20;
  unsigned files_kept = 7;
};

/// Until it is called, and when it fails (a log file that cannot be opened), the log goes to stderr. Log files have
/// mode 0600.
Result<> setup(const Settings& settings);
[[nodiscard]] bool enabled(Level level);

/// Writes one line. Any thread. Bytes of the message that are not printable are escaped: records are hostile.
/// Equal messages of one component within 10 s are written once, then counted: the number comes with the next one, or
/// with the next line of any kind after that.
void write(Level level, std::string_view component, std::string_view message);

/// Writes what was counted and not said yet; done at the end of the program by itself.
void flush();

/// Whether stderr is the journal's stream ($JOURNAL_STREAM names it): Settings::journald is meant then.
[[nodiscard]] bool stderr_is_journal();

inline void debug(std::string_view component, std::string_view message) {
  write(Level::debug, component, message);
}
inline void info(std::string_view component, std::string_view message) {
  write(Level::info, component, message);
}
inline void warning(std::string_view component, std::string_view message) {
  write(Level::warning, component, message);
}
inline void error(std::string_view component, std::string_view message) {
  write(Level::error, component, message);
}

}  // namespace acta::log
