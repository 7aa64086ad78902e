#pragma once
#include <string>
#include <string_view>

#include "event/event.h"

namespace acta {

/// The constant part of a host's documents. Made by ConstantPart(event) from an event that holds only such fields. Immutable, any thread.
class ConstantPart {
 public:
  explicit ConstantPart(Event event);
  [[nodiscard]] const Event& fields() const { return event_; }
  [[nodiscard]] std::string_view json() const { return json_; }  ///< "agent":{…},"ecs":{…},"host":{…}

 private:
  Event event_;
  std::string json_;
};

/// Writes events as nested JSON objects: UTF-8, one line, no line end. Bytes that are not UTF-8 become U+FFFD; control characters, quotes,
/// backslashes and DEL are escaped, so that a document can be shown in a terminal. Reads nothing but the event. Any thread.
class Encoder {
 public:
  /// Appends the document to `out`.
  static void encode(const Event& event, std::string& out);
};

/// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string_view text, std::string& out);

/// Appends "2026-11-23T02:37:12.432Z"; nine digits when the time is finer than a millisecond. Years 0000 to 9999.
void append_iso_time(Nanos time, std::string& out);

/// True when the bytes are valid UTF-8 (RFC 3629).
bool is_utf8(std::string_view bytes);

}  // namespace acta
