#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "report/html/page.h"

namespace acta::report {

/// How many documents there are over time and of which host, in bounded memory: times are counted in steps that double
/// as the period grows. One thread.
class Activity {
 public:
  enum class What : uint8_t { event, process };

  void add(What what, Nanos time, std::string_view host);

  [[nodiscard]] bool empty() const { return hosts_.empty(); }
  [[nodiscard]] html::Chart chart() const;
  [[nodiscard]] html::Table hosts() const;
  /// "2026-11-23 02:37:12 to 2026-11-23 02:38:43", in the zone of the environment.
  [[nodiscard]] std::string period() const;
  [[nodiscard]] uint64_t count(What what) const;

 private:
  static constexpr size_t kBars = 96;
  static constexpr size_t kHostsMax = 1000;
  struct Host {
    uint64_t counts[2]{};
    Nanos first = INT64_MAX, last = INT64_MIN;
  };
  void coarsen();

  Nanos step_ = kSecond;
  std::map<int64_t, std::pair<uint64_t, uint64_t>> counts_;  ///< by number of the step since 1970
  std::map<std::string, Host, std::less<>> hosts_;
  Host all_;
};

/// "2026-11-23 02:37:12" in the zone of the environment.
std::string moment_text(Nanos time);

}  // namespace acta::report
