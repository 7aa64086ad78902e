#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace acta::report {

/// Takes the lines of a report in JSON (JsonLine) and keeps the values of some: the first, or the last that came. One
/// thread.
class JsonTable {
 public:
  enum class Keep : uint8_t { first, last };
  /// `skip`: so many members at the beginning of each object are left out. `most`: rows that are kept.
  JsonTable(size_t skip, Keep keep, size_t most) : skip_(skip), keep_(keep), most_(most) {}

  /// One or more lines. What is no object is not counted.
  void take(std::string_view lines);

  [[nodiscard]] const std::deque<std::vector<std::string>>& rows() const { return rows_; }
  /// The names of the first object's values.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  /// All that came, also those that are not kept.
  [[nodiscard]] uint64_t count() const { return count_; }

 private:
  void take_line(std::string_view line);

  const size_t skip_;
  const Keep keep_;
  const size_t most_;
  std::deque<std::vector<std::string>> rows_;
  std::vector<std::string> names_;
  uint64_t count_ = 0;
};

}  // namespace acta::report
