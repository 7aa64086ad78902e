#pragma once
#include <cstdint>
#include <string>

namespace acta::report {

/// What printf(3) makes of it: the classic tools' columns are its formats.
[[gnu::format(printf, 1, 2)]] std::string print(const char* format, ...);

/// "Mon Nov 23 02:37:12 2026", without a line end: ctime(3) of seconds since 1970, in the zone of the environment.
std::string clock_text(int64_t second);

/// "(03:25)", hours and minutes; "(2+03:25)" with days.
std::string span_text(int64_t seconds);

}  // namespace acta::report
