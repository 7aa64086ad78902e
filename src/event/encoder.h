#pragma once
#include <string>
#include <string_view>

#include "event/event.h"
#include "event/utf8.h"

namespace acta {

/// The constant part of a host's documents. Made from an event that holds only fields marked `const` in fields.yaml.
/// Immutable, any thread.
class ConstantPart {
 public:
  explicit ConstantPart(Event event);
  [[nodiscard]] const Event& fields() const { return event_; }
  [[nodiscard]] std::string_view json() const { return json_; }  ///< "agent":{…},"ecs":{…},"host":{…}

 private:
  Event event_;
  std::string json_;
};

/// Writes events as nested JSON objects: UTF-8, one line, no line end. Bytes that are not UTF-8 become U+FFFD, one for
/// each; control characters (C0, DEL, C1), quotes and backslashes are escaped, so that a document can be shown in a
/// terminal. A float that is not finite is null. Any thread.
class Encoder {
 public:
  /// Appends the document to `out`.
  static void encode(const Event& event, std::string& out);
};

/// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string_view text, std::string& out);

/// Appends "2026-11-23T02:37:12.432Z"; nine digits when the time is finer than a millisecond. Times before 1970 are
/// written as 1970.
void append_iso_time(Nanos time, std::string& out);

}  // namespace acta
