#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/fd.h"

namespace acta::kaudit {

/// A NETLINK_AUDIT socket, close-on-exec. The error says what to do where the kernel or the namespace has no audit.
Result<Fd> open_audit_socket();

/// Sends one request to the kernel, which is to acknowledge it. `what` is said in errors.
Result<> send_message(int socket, uint16_t type, uint32_t sequence, std::string_view data, const std::string& what);

/// One datagram. The view lives until the next receive().
struct Datagram {
  std::string_view bytes{};
  uint32_t port = 0;       ///< of the sender; 0 is the kernel
  bool truncated = false;  ///< longer than any record: the rest is gone
  bool is_line = false;    ///< not of a netlink socket: a record as a line already
};

/// What one receive() came to.
struct Received {
  std::span<const Datagram> datagrams{};
  bool overrun = false;  ///< ENOBUFS: the kernel dropped datagrams since the last time; nothing says how many
  bool full = false;     ///< as many as go into one call: there may be more
};

/// Where the frames of the audit stream come from: the seam of tests. One thread (the reader).
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  /// Becomes readable when receive() has something.
  [[nodiscard]] virtual int fd() const = 0;
  /// What is there, without waiting.
  virtual Result<Received> receive() = 0;
  /// There will never be more.
  [[nodiscard]] virtual bool at_end() const { return false; }
  /// Gives up being the audit daemon, if it is.
  virtual void leave() {}
};

enum class Way : uint8_t {
  unicast,   ///< as the audit daemon: the only one, and all that it is too slow for waits or is counted in the kernel
  multicast  ///< as one of many listeners (group AUDIT_NLGRP_READLOG): what it is too slow for is gone for it
};

struct SocketOptions {
  Way way = Way::unicast;
  size_t receive_buffer = 0;  ///< bytes; SO_RCVBUFFORCE, or as much as net.core.rmem_max allows
};

/// The kernel's audit stream. Unicast: registers this process as the audit daemon (CAP_AUDIT_CONTROL); Error::sys is
/// EEXIST when there is one that lives. Multicast: CAP_AUDIT_READ.
Result<std::unique_ptr<FrameSource>> open_stream(const SocketOptions& options);

}  // namespace acta::kaudit
