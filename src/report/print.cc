#include "report/print.h"

#include <cstdarg>
#include <cstdio>
#include <ctime>

namespace acta::report {

std::string print(const char* format, ...) {
  std::va_list values;
  va_start(values, format);
  char buffer[256];
  std::va_list again;
  va_copy(again, values);
  const int size = std::vsnprintf(buffer, sizeof buffer, format, values);
  va_end(values);
  std::string text;
  if (size >= 0 && static_cast<size_t>(size) < sizeof buffer) {
    text.assign(buffer, static_cast<size_t>(size));
  } else if (size >= 0) {
    text.resize(static_cast<size_t>(size));
    std::vsnprintf(text.data(), text.size() + 1, format, again);
  }
  va_end(again);
  return text;
}

std::string clock_text(int64_t second) {
  const auto time = static_cast<time_t>(second);
  tm parts{};
  char text[32];
  if (::localtime_r(&time, &parts) == nullptr || ::asctime_r(&parts, text) == nullptr) return "?";
  std::string line(text);
  line.pop_back();
  return line;
}

std::string span_text(int64_t seconds) {
  constexpr int64_t kMinute = 60, kHour = 3600, kDay = 86400;
  const auto minutes = static_cast<int>(seconds / kMinute % 60);
  const auto hours = static_cast<int>(seconds / kHour % 24);
  const auto days = static_cast<int>(seconds / kDay);
  return days != 0 ? print("(%d+%02d:%02d)", days, hours, minutes) : print("(%02d:%02d)", hours, minutes);
}

}  // namespace acta::report
