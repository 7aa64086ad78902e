#pragma once
#include <string>
#include <vector>

#include "sim/ledger.h"
#include "support/fake_clock.h"
#include "support/fake_fs.h"
#include "support/random.h"

namespace acta::sim {

inline constexpr char kAuditLog[] = "/log/audit/audit.log";
inline constexpr char kAccounting[] = "/log/account/pacct";

/// The host's side: auditd, which writes the records of several events interleaved and rotates its log, and the
/// kernel's process accounting. What they wrote survives a crash of the host.
class Host {
 public:
  Host(test::FakeFs& disk, test::FakeClock& clock, test::Random& random, Ledger& ledger)
      : disk_(disk), clock_(clock), random_(random), ledger_(ledger) {}

  /// Some records, of events begun before and new ones; the last line may be there only in part until the next call.
  void audit(size_t records);
  /// Some processes end.
  void account(size_t processes);
  void rotate_audit();
  void rotate_accounting();
  /// Writes what is left of the events that were begun.
  void finish();
  /// Since when an event is only partly in the log; INT64_MAX when none is.
  [[nodiscard]] Nanos unfinished_since() const;

 private:
  struct Begun {
    std::vector<std::string> lines;  // still to be written, the last one first
    Nanos at;
  };
  void begin_event();
  void begin_login();
  void line(const std::string& text, bool may_tear);

  test::FakeFs& disk_;
  test::FakeClock& clock_;
  test::Random& random_;
  Ledger& ledger_;
  std::vector<Begun> begun_;
  std::string rest_;  // of the last line
  Nanos torn_at_ = 0;
  uint64_t serial_ = 100;
  uint64_t processes_ = 0;
  size_t audit_files_ = 0;
  size_t accounting_files_ = 0;
};

}  // namespace acta::sim
