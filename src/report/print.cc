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

}  // namespace acta::report
