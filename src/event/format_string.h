#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/batch.h"

namespace acta {

/// Text with fields of the document in it, as libbeat writes it: `logs-%{[event.dataset]}-%{+yyyy.MM.dd}`.
///
/// `%{[field]}` is the value of the field, `%{[field]:other}` gives `other` where the document has none, else "none";
/// `%{+yyyy.MM.dd}` is its @timestamp in UTC, of yyyy, MM, dd, HH, mm and ss. Immutable; any thread.
class FormatString {
 public:
  /// Fails with what is wrong and where.
  static Result<FormatString> parse(std::string_view text);

  /// The fields that have to be in Meta::routes; the others are in Meta itself, or constant.
  [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }
  void append(const Meta& meta, std::string& out) const;

 private:
  struct Part {
    enum class Kind : uint8_t { text, id, dataset, host, route, time } kind;
    std::string text;      ///< itself, the field's name, or the pattern of the time
    std::string fallback;  ///< of a field
  };
  static Result<Part> parse_field(std::string_view inside);

  std::vector<Part> parts_;
  std::vector<std::string> fields_;
};

}  // namespace acta
