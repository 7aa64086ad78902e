#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "report/document.h"

namespace acta::report::accounting {

/// A process that ended, as its accounting record has it: in the tool's own units, so that sums come out to the digit.
struct Process {
  static constexpr unsigned kForked = 1, kSuperuser = 2, kCompat = 4, kCore = 8, kSignal = 16;
  static constexpr size_t kCommandBytes = 16;

  std::string command{};        ///< bytes as written, at most kCommandBytes
  std::string user{}, group{};  ///< names, or the numbers of those without one
  std::string tty{};            ///< "__" for none
  std::string host{};
  unsigned flags = 0;
  double user_ticks = 0, system_ticks = 0, elapsed_ticks = 0, io = 0, memory_kb = 0;
  double minor_faults = 0, major_faults = 0, swaps = 0;
  double ahz = 100;               ///< ticks a second
  int64_t begin = 0;              ///< seconds since 1970
  int64_t pid = -1, parent = -1;  ///< -1: the record's version has none
};

/// Reads a document of the dataset actabeat.accounting into `process`. False when it is of no accounting record.
bool read_process(const Document& document, Process& process);

}  // namespace acta::report::accounting
