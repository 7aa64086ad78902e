#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace acta::kaudit {

/// Message types of NETLINK_AUDIT that are no records (include/uapi/linux/audit.h, linux/netlink.h).
inline constexpr uint16_t kTypeUser = 1005;     ///< AUDIT_USER: the first that is a record, with LOGIN after it
inline constexpr uint16_t kTypeLogin = 1006;    ///< AUDIT_LOGIN
inline constexpr uint16_t kTypeReplace = 1329;  ///< AUDIT_REPLACE: another process wants to be the audit daemon
inline constexpr uint16_t kTypeEoe = 1320;      ///< AUDIT_EOE

/// What a datagram of the audit socket is.
struct Frame {
  enum class Kind : uint8_t {
    record,   ///< `text` is `audit(SEC.MMM:SERIAL): …`
    answer,   ///< an answer to a request: type NLMSG_ERROR, NLMSG_DONE or 1000–1099 but the records among them
    replace,  ///< AUDIT_REPLACE; `text` holds the other process's pid as 32 bit
    broken    ///< shorter than a header
  };
  Kind kind = Kind::broken;
  uint16_t type = 0;
  uint32_t sequence = 0;
  std::string_view text{};  ///< without trailing NULs and line ends
};

/// Reads a datagram. Its length is the datagram's: nlmsg_len leaves out the header in what the kernel sends to the
/// audit daemon, and has it in what it sends to the multicast group (kernel/audit.c: kauditd_send_multicast_skb).
Frame read_frame(std::string_view datagram);

/// The serial number in a record's text or line, 0 when there is none.
uint32_t serial_of(std::string_view text);

/// `type=NAME msg=`: what auditd puts before the kernel's text. Names by libaudit; UNKNOWN[n] without one. A reference
/// for the life of the program; any thread.
const std::string& record_head(uint16_t type);

}  // namespace acta::kaudit
