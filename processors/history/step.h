#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "event/event.h"

namespace acta::history {

/// Texts of records are kept up to this many bytes: users choose some of them.
inline constexpr size_t kTextMax = 256;

/// What one audit event says that logins, boots and guests are followed by.
struct Step {
  enum class Kind : uint8_t {
    login,           ///< LOGIN: an audit session begins
    logged_in,       ///< USER_LOGIN that succeeded
    logged_out,      ///< USER_END
    boot,            ///< SYSTEM_BOOT
    shutdown,        ///< SYSTEM_SHUTDOWN
    auditd_started,  ///< DAEMON_START, which names the kernel
    guest_control,   ///< VIRT_CONTROL with op=start or op=stop
    guest_resource,  ///< VIRT_RESOURCE that assigns something
  };
  Kind kind = Kind::login;
  Nanos time = 0;
  std::string node{};    ///< auditd.node: a log can hold several hosts
  std::string id{};      ///< event.id, without what marks an event as incomplete
  std::string serial{};  ///< of the event, as printed
  int64_t pid = -1, uid = -1, session = -1;
  std::string user{}, terminal{}, host{}, program{};
  std::string kernel{};
  bool succeeded = true;
  bool starts = false;  ///< guest_control: op=start
  std::string guest{}, uuid{}, hypervisor{}, resource{};
};

/// The step that an event is; none for nearly all.
std::optional<Step> step_of(const Event& event);

}  // namespace acta::history
