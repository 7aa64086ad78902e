#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/audit/event.h"

namespace acta::report::audit {

/// Goes through the fields of an event as programs over libauparse do (auparse_find_field(3)): each search goes on from
/// where the one before it ended, over the records. A field that is not there leaves the walk behind the last record,
/// where nothing is found any more until restart(). The event must outlive it. One thread.
class FieldWalk {
 public:
  explicit FieldWalk(const AuditEvent& event) : event_(event) { restart(); }

  /// Back to the first field of the first record.
  void restart();
  /// The value of the next field of that name, the one at which the walk stands included.
  std::optional<std::string_view> find(std::string_view name);
  /// words() of the next field of that name; "" when there is none.
  std::string find_words(std::string_view name) { return find(name) ? words() : std::string(); }
  /// Goes one field on, if the record has one more.
  void step();
  /// The value where the last find() ended, in words: names for ids, text for what is quoted or in hexadecimal.
  [[nodiscard]] std::string words() const;
  /// That value as a number, as strtol(3) and an int have it.
  [[nodiscard]] int number() const;

 private:
  struct Field {
    std::string_view name, value;
  };
  void enter(size_t record);
  bool find_from(size_t field, std::string_view name);

  const AuditEvent& event_;
  size_t record_ = 0;  ///< its number of records when the walk is behind the last
  size_t field_ = 0;
  std::vector<Field> fields_;  ///< of the record
  std::string permissions_;    ///< of an AVC, "read,write"
};

/// What is quoted or in hexadecimal as the text that it says; anything else as it is.
std::string unquoted(std::string_view value);

}  // namespace acta::report::audit
