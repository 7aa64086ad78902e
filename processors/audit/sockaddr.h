#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace acta::audit {

/// What a SOCKADDR record says (saddr=: hex of the struct as the program gave it, in the byte order of a little-endian
/// host).
struct SocketAddress {
  uint16_t family = 0;        ///< AF_*
  std::string family_name{};  ///< "ipv4", "ipv6", "unix", "netlink", else the number as text
  std::string address{};  ///< IP address; path of a unix socket ("@name" when abstract); vsock: cid; packet: MAC; alg:
                          ///< "type:name"
  std::optional<uint32_t> port{};  ///< inet and vsock port, netlink port id
  std::string path{};              ///< unix: path, or name of the abstract name space; may hold any bytes
  bool is_ip = false;              ///< address is an IP address
  bool is_abstract = false;        ///< unix: path is a name of the abstract name space
};

/// Reads `saddr=`. Too short or not hex: false, and `out` has what could be read (the family, when that much was
/// there).
bool read_sockaddr(std::string_view hex, SocketAddress& out);

}  // namespace acta::audit
