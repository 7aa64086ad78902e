#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "processors/audit/record.h"

namespace acta::audit {

/// Indices [first, last] of arguments.
struct ArgRange {
  uint64_t first = 0;
  uint64_t last = 0;
  bool operator==(const ArgRange&) const = default;
};

/// The arguments of an execve.
struct Args {
  std::vector<std::string_view> values;  ///< decoded, by index; one that is missing is empty
  std::optional<uint64_t> count;         ///< argc, when said
  /// Arguments whose records are missing, wholly or in part; in order. An argument that is absent where no record can
  /// have been is not among them: kernels 4.x wrote nothing for an empty one (audit_log_execve_info() before 4.9).
  std::vector<ArgRange> missing;
  uint64_t args_cut = 0;   ///< arguments beyond the limits, not in values (an argument cut in its middle is in values)
  uint64_t bytes_cut = 0;  ///< bytes of them and of the cut one
};

/// Joins EXECVE records: `argc=N a0=… a1=…`, long arguments as `aK_len=L aK[0]=… aK[1]=…` over several records, in
/// quotes or hex. Buffers are reused. One thread.
class ExecArgs {
 public:
  static constexpr size_t kArgsMax = 16384;

  /// `bytes_max`: of all values together.
  explicit ExecArgs(size_t bytes_max) : bytes_max_(bytes_max) {}

  void clear();
  /// Adds the fields of one EXECVE record, whose bytes must live until finish().
  void add(std::span<const Field> fields);
  /// Joins what was added. The result lives until clear().
  const Args& finish();

 private:
  // aK=, aK[part]= or aK_len=
  struct Piece {
    uint64_t arg = 0;
    uint64_t part = 0;
    std::string_view value{};
    bool quoted = false;
    bool chunk = false;
    uint32_t record = 0;  // which EXECVE record has it
  };
  struct Length {
    uint64_t arg = 0;
    uint64_t bytes = 0;
  };

  void order();
  void hole(uint64_t first, uint64_t last, bool may_be_lost);
  size_t join(size_t at);
  void append(const Piece& piece);
  [[nodiscard]] uint64_t announced(uint64_t arg) const;

  size_t bytes_max_;
  std::vector<Piece> pieces_;
  std::vector<Length> lengths_;
  std::vector<bool> full_;    // by record: it was full, so that another may have followed
  std::vector<size_t> ends_;  // of the values in arena_
  std::string arena_, scratch_;
  Args args_;
};

}  // namespace acta::audit
