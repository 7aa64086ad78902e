#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace acta {

/// Looks for fields in JSON documents that somebody else has made, by their ECS names: "host.id" is found as
/// {"host":{"id":…}} and as {"host.id":…}. Of a list, and of a field that is there twice, the first value counts. One
/// thread.
class JsonFields {
 public:
  explicit JsonFields(std::vector<std::string> names) : names_(std::move(names)), values_(names_.size()) {}

  /// Reads a document whole. Errc::corrupt, with what is wrong and at which byte, for what is not one JSON object in
  /// UTF-8. Nesting has no limit but the document's size, and costs no stack.
  Result<> read(std::string_view json);
  /// The value of names[i] in the last document as text (numbers as they are written); nothing when it has none, or
  /// null, or one with fields of its own. Valid until the next read.
  [[nodiscard]] std::optional<std::string_view> operator[](size_t i) const;
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  const std::vector<std::string> names_;
  std::vector<std::optional<std::string>> values_;  // capacity is kept where it can be
};

}  // namespace acta
