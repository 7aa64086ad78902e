#pragma once
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace acta::report {

/// The text of a report, held back until it is known what must be said before it: in memory, then in a temporary file
/// without a name. One thread.
class TextOutput {
 public:
  static constexpr size_t kMemoryBytesMax = 4u << 20;

  void write(std::string_view text);
  /// Writes all that was written to another one.
  void copy_to(TextOutput& other);
  /// Writes `head` line by line, then all that was written, to standard output. Fails when not all could be kept or
  /// written: a pipe that is closed, a full disk.
  Result<> finish(const std::vector<std::string>& head);

 private:
  template <class Write>
  bool for_each_piece(Write write);
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string text_;
  std::unique_ptr<std::FILE, Close> spilled_;
  bool failed_ = false;
};

}  // namespace acta::report
