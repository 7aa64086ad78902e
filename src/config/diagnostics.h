#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/spelling.h"
#include "config/node.h"

namespace acta::config {

/// What is wrong with a configuration, collected so that all of it is told at once. One thread.
class Diagnostics {
 public:
  static constexpr size_t kShownMax = 50;

  void add(const Location& at, std::string text);
  [[nodiscard]] bool empty() const { return problems_.empty(); }
  [[nodiscard]] size_t size() const { return problems_.size(); }
  /// All problems in the order of the file, one line each; beyond kShownMax only their number.
  [[nodiscard]] Error error() const;

 private:
  struct Problem {
    std::string source;
    int line, column;
    std::string text;
  };
  std::vector<Problem> problems_;
};

/// Text from a file as it may stand in a message: control characters escaped, cut after 200 bytes.
std::string printable(std::string_view text);

/// The text of a scalar for a message, in quotes; "the value" when it is secret.
std::string quoted(const Node& node);

}  // namespace acta::config
