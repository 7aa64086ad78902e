#pragma once
#include <string_view>

#include "processors/audit/draft.h"
#include "processors/audit/sockaddr.h"

namespace acta::audit {

/// Writes source.*, destination.*, network.*, auditd.data.socket.family, related.ip and related.hosts: from SOCKADDR
/// for system calls, from addr= and hostname= for user-space records, from the addresses of CRYPTO_SESSION and
/// NETFILTER_PKT. Ports are numbers; ip fields hold only addresses.
class NetworkFields {
 public:
  void write(Draft& draft);
  /// Address, or path of a unix socket, and port of SOCKADDR. For the summary.
  [[nodiscard]] std::string_view address() const { return address_; }
  [[nodiscard]] std::string_view port() const { return port_; }

 private:
  void write_socket(Draft& draft);
  void write_peer(Draft& draft);
  void write_crypto(Draft& draft);
  void write_packet(Draft& draft);

  SocketAddress socket_;  ///< its texts are in the document until the next event
  std::string_view address_;
  std::string_view port_;
};

/// True for an IPv4 or IPv6 address in text form (inet_pton).
bool is_ip(std::string_view text);

}  // namespace acta::audit
