#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace acta {

/// What our requests are called in the server's list of tasks: the header X-Opaque-Id, "actabeat/<host>/<process>/<n>".
/// It tells requests of this output, and those of earlier runs on this host, from all others. Immutable.
class RequestName {
 public:
  /// `number`: different for each output of this process.
  explicit RequestName(uint64_t number);

  /// "X-Opaque-Id: …"
  [[nodiscard]] std::string header() const { return "X-Opaque-Id: " + prefix_ + process_ + "/" + number_; }
  /// Whether a list of tasks (JSON) has one of this output, or of an earlier run.
  [[nodiscard]] bool in(std::string_view tasks) const;

 private:
  std::string prefix_, process_, number_;
};

}  // namespace acta
