#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace acta::kaudit {

/// struct audit_status of linux/audit.h. Members that an old kernel does not have are 0, and their flag false.
struct Status {
  uint32_t enabled = 0;        ///< 0 off, 1 on, 2 locked until the next boot
  uint32_t failure = 0;        ///< 0 silent, 1 printk, 2 panic
  uint32_t pid = 0;            ///< of the audit daemon; 0: none
  uint32_t rate_limit = 0;     ///< records a second; 0: no limit
  uint32_t backlog_limit = 0;  ///< records that may wait in the kernel; 0: no limit
  uint32_t lost = 0;           ///< records lost since boot, or since it was reset
  uint32_t backlog = 0;        ///< records that wait now
  uint32_t features = 0;       ///< AUDIT_FEATURE_BITMAP_*
  uint32_t wait_time = 0;      ///< ticks that a process may be held when the backlog is full
  uint32_t wait_actual = 0;    ///< ticks that processes were held, in sum
  bool has_wait_time = false, has_wait_actual = false;
  bool operator==(const Status&) const = default;
};

/// What is to be set of a Status, as AUDIT_SET takes it. Absent members stay.
struct Change {
  enum Mask : uint32_t { kEnabled = 1, kFailure = 2, kPid = 4, kRateLimit = 8, kBacklogLimit = 0x10, kWaitTime = 0x20 };
  uint32_t mask = 0;
  Status to{};
};

/// A rule as the kernel knows it: the bytes of struct audit_rule_data with its strings.
using RuleBytes = std::string;

/// The rule without AUDIT_FILTER_PREPEND: where it goes when it is added, and no part of it afterwards
/// (kernel/auditfilter.c: audit_add_rule).
RuleBytes without_prepend(RuleBytes rule);

/// The kernel's audit settings and rules: the seam of tests. Each call asks the kernel and waits for its answer, which
/// may take as long as the kernel's backlog wait time. One thread at a time.
class Control {
 public:
  virtual ~Control() = default;
  virtual Result<Status> status() = 0;
  virtual Result<> set(const Change& change) = 0;
  /// In the order in which the kernel tries them, filter by filter.
  virtual Result<std::vector<RuleBytes>> rules() = 0;
  /// Error::sys is EEXIST when it is there already.
  virtual Result<> add_rule(const RuleBytes& rule) = 0;
  /// Error::sys is ENOENT when it is not there.
  virtual Result<> delete_rule(const RuleBytes& rule) = 0;
};

/// A socket of its own to the kernel. Needs CAP_AUDIT_CONTROL for all but opening. Errors say what stands in the way on
/// this host, and the way out.
Result<std::unique_ptr<Control>> open_control();

/// Why the kernel refused a request, and the way out: EPERM, ECONNREFUSED (a container), EPROTONOSUPPORT (no audit in
/// the kernel) … `what` is what was asked.
tl::unexpected<Error> refused(const std::string& what, int error);

/// `pid 612 (auditd)`.
std::string process_name(uint32_t pid);

}  // namespace acta::kaudit
