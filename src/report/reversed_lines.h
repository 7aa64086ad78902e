#pragma once
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace acta::report {

/// Lines that are given back in the reverse of the order in which they came: in memory, then in temporary files without
/// a name. One thread.
class ReversedLines {
 public:
  static constexpr size_t kMemoryBytesMax = 16u << 20;

  /// `line` may hold anything.
  void add(std::string_view line);
  /// Gives all of them, the last first. Errc::io when not all could be kept.
  Result<> each(const std::function<void(std::string_view)>& give);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  static bool give_back(std::string_view block, const std::function<void(std::string_view)>& give);
  void spill();

  std::string block_;                          // lines, each with its size (8 bytes) behind it
  std::unique_ptr<std::FILE, Close> spilled_;  // blocks, likewise
  bool failed_ = false;
};

}  // namespace acta::report
