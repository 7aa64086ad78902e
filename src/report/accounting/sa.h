#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "report/accounting/name_table.h"
#include "report/accounting/process.h"

namespace acta::report::accounting {

/// What sa(8) takes.
struct SaOptions {
  enum class Sort : uint8_t {
    cpu,
    cpu_per_call,     ///< -b
    io_per_call,      ///< -d
    io,               ///< -D
    memory_per_call,  ///< -k
    storage,          ///< -K
    calls,            ///< -n
    real_time         ///< --sort-real-time
  };
  Sort sort = Sort::cpu;
  bool reverse = false;          ///< -r
  bool percentages = false;      ///< -c
  bool per_call = false;         ///< -j: seconds a call, not minutes
  bool separate_times = false;   ///< -l
  bool ratio = false;            ///< -t
  bool total_io = false;         ///< -D
  bool storage = false;          ///< -K
  bool paging = false;           ///< -p
  bool paging_per_call = false;  ///< -P
  bool all_names = false;        ///< -a
  uint64_t threshold = 0;        ///< -v: commands called as often or less are junk; 0: none is
  bool never_ask = false;        ///< -f: junk without asking
  bool list_processes = false;   ///< -u: a line for each process
  bool users = false;            ///< -m
  bool groups = false;           ///< -M
  bool json = false;
  std::function<bool(const std::string& command)> is_junk{};  ///< asks; not called with never_ask
};

/// sa(8) over processes in the order of their records. One thread.
class Sa {
 public:
  using Write = std::function<void(std::string_view)>;
  /// `options` must outlive it. `write` takes text as it comes: with list_processes from add(), else from finish().
  Sa(const SaOptions& options, Write write);

  void add(const Process& process);
  /// Prints the table.
  void finish();

 private:
  struct Row {
    SumKey key;
    const Sums* sums;
  };
  void print_process(const Process& process, const Sums& sums);
  std::vector<Row> command_rows();
  void print_row(const Row& row, bool total);
  void print_json(const Row& row, bool total);

  const SaOptions& options_;
  const Write write_;
  NameTable table_;
  Sums total_, other_, junk_;
};

}  // namespace acta::report::accounting
