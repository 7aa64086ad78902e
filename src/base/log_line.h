#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"

namespace acta::log {

/// How a line looks.
enum class Style : uint8_t {
  text,     ///< 2026-11-23T02:37:12.432Z WARNING component: message
  journal,  ///< <4>component: message
  json      ///< {"@timestamp":"…","log.level":"warning","log.logger":"component","message":"…"}, ECS names
};

/// One line of the log, without its end. Control characters, DEL, C1 controls and bytes that are not UTF-8 are written
/// as \xNN, so that a message can be shown in a terminal; in JSON the result is escaped once more.
std::string format_line(Style style, Level level, std::string_view component, std::string_view message, Nanos realtime);

}  // namespace acta::log
