#include "report/accounting/sa_line.h"

#include "report/print.h"

namespace acta::report::accounting {
namespace {

using Sort = SaOptions::Sort;

constexpr double kSecondsPerMinute = 60;

double share(double part, double whole) {
  return whole == 0 ? 0 : part / whole * 100;
}

// -K: memory over the time that the CPU was used; memory alone where none was.
double storage(const Sums& sums) {
  return sums.cpu() == 0 ? sums.memory : sums.per_call(sums.memory * sums.cpu());
}

double sorted_by(const SaOptions& options, const Sums& sums) {
  switch (options.sort) {
    case Sort::cpu:
      return sums.cpu();
    case Sort::cpu_per_call:
      return sums.per_call(sums.cpu());
    case Sort::io_per_call:
      return sums.per_call(sums.io);
    case Sort::io:
      return sums.io;
    case Sort::memory_per_call:
      return sums.per_call(sums.memory);
    case Sort::storage:
      return sums.cpu() == 0 ? sums.memory : sums.cpu() * sums.memory;
    case Sort::calls:
      return static_cast<double>(sums.calls);
    case Sort::real_time:
      return options.per_call ? sums.per_call(sums.elapsed) : sums.elapsed;
  }
  return 0;
}

std::string paging_columns(const SaOptions& options, const Sums& sums) {
  if (!options.paging_per_call) {
    return print("%10.0fmin %10.0fmaj %10.0fswp ", sums.minor_faults, sums.major_faults, sums.swaps);
  }
  return print("%5.0fmin/c %5.0fmaj/c %5.0fswp/c ", sums.per_call(sums.minor_faults), sums.per_call(sums.major_faults),
               sums.per_call(sums.swaps));
}

}  // namespace

std::string sa_columns(const SaOptions& options, const Sums& sums, const Sums& total) {
  const double unit = options.per_call ? static_cast<double>(sums.calls) : kSecondsPerMinute;
  std::string line = print("%8ld ", static_cast<long>(sums.calls));
  const auto calls = [](const Sums& s) { return static_cast<double>(s.calls); };
  if (options.percentages) line += print("%7.2f%% ", share(calls(sums), calls(total)));
  line += print("%10.2fre ", sums.elapsed / unit);
  if (options.percentages) line += print("%7.2f%% ", share(sums.elapsed, total.elapsed));
  if (options.separate_times) {
    line += print("%10.2fu ", sums.user / unit);
    if (options.percentages) line += print("%7.2f%% ", share(sums.user, total.user));
    line += print("%10.2fs", sums.system / unit);
    if (options.percentages) line += print(" %7.2f%%", share(sums.system, total.system));
  } else {
    line += print("%10.2fcp", sums.cpu() / unit);
    if (options.percentages) line += print(" %7.2f%%", share(sums.cpu(), total.cpu()));
  }
  if (options.ratio) line += sums.cpu() == 0 ? "*ignore*re/cp" : print("%8.1fre/cp", sums.elapsed / sums.cpu());
  if (options.paging) return line + paging_columns(options, sums);
  line += options.total_io ? print("%10.0ftio ", sums.io) : print("%10.0favio ", sums.per_call(sums.io));
  return line + (options.storage ? print("%9.0fk*sec", storage(sums)) : print("%9.0fk", sums.per_call(sums.memory)));
}

bool sa_before(const SaOptions& options, const Sums& a, const Sums& b) {
  const auto less = [&](double x, double y) { return options.reverse ? x < y : x > y; };
  const double of_a = sorted_by(options, a);
  const double of_b = sorted_by(options, b);
  if (of_a < of_b || of_a > of_b) return less(of_a, of_b);
  if (a.calls != b.calls) return less(static_cast<double>(a.calls), static_cast<double>(b.calls));
  for (const double Sums::*member : {&Sums::user, &Sums::system, &Sums::elapsed, &Sums::io, &Sums::memory}) {
    if (a.*member < b.*member || a.*member > b.*member) return less(a.*member, b.*member);
  }
  return false;
}

}  // namespace acta::report::accounting
