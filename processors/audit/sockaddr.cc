#include "processors/audit/sockaddr.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <array>

#include "processors/audit/record.h"

namespace acta::audit {
namespace {

// linux/socket.h, linux/un.h, linux/vm_sockets.h, linux/if_packet.h, linux/if_alg.h
constexpr size_t kUnixPathBytes = 108;
constexpr size_t kAlgTypeAt = 2, kAlgTypeBytes = 14, kAlgNameAt = 24, kAlgNameBytes = 64;
constexpr size_t kPacketAddressAt = 12, kPacketAddressBytes = 8;

uint32_t little(std::string_view bytes, size_t at, size_t size) {
  uint32_t value = 0;
  for (size_t i = size; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

uint32_t big16(std::string_view bytes, size_t at) {
  return static_cast<uint32_t>(static_cast<uint8_t>(bytes[at]) << 8 | static_cast<uint8_t>(bytes[at + 1]));
}

std::string_view until_nul(std::string_view text) {
  return text.substr(0, text.find('\0'));
}

bool read_ip(std::string_view raw, int family, size_t at, size_t size, SocketAddress& out) {
  if (raw.size() < at + size) return false;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_ntop(family, raw.data() + at, text.data(), text.size()) == nullptr) return false;
  out.address = text.data();
  out.port = big16(raw, 2);
  out.is_ip = true;
  return true;
}

void read_unix(std::string_view raw, SocketAddress& out) {
  std::string_view name = raw.substr(2, kUnixPathBytes);
  if (name.empty()) return;  // not bound to a name
  out.is_abstract = name.front() == '\0';
  if (out.is_abstract) {
    name.remove_prefix(1);
    while (!name.empty() && name.back() == '\0') name.remove_suffix(1);  // many programs give the whole struct
    if (name.empty()) {
      out.is_abstract = false;
      return;
    }
    out.address = "@";
  } else {
    name = until_nul(name);
  }
  out.path = name;
  out.address += name;
}

bool read_packet(std::string_view raw, SocketAddress& out) {
  if (raw.size() < kPacketAddressAt) return false;
  const size_t size = std::min<size_t>(static_cast<uint8_t>(raw[11]), kPacketAddressBytes);
  for (size_t i = 0; i < size && kPacketAddressAt + i < raw.size(); ++i) {
    fmt::format_to(std::back_inserter(out.address), "{}{:02x}", i == 0 ? "" : ":",
                   static_cast<uint8_t>(raw[kPacketAddressAt + i]));
  }
  return true;
}

bool read_body(std::string_view raw, SocketAddress& out) {
  switch (out.family) {
    case AF_INET:
      return read_ip(raw, AF_INET, 4, 4, out);
    case AF_INET6:
      return read_ip(raw, AF_INET6, 8, 16, out);
    case AF_UNIX:
      read_unix(raw, out);
      return true;
    case AF_NETLINK:
      if (raw.size() < 8) return false;
      out.port = little(raw, 4, 4);
      return true;
    case AF_VSOCK:
      if (raw.size() < 12) return false;
      out.port = little(raw, 4, 4);
      out.address = fmt::format("{}", little(raw, 8, 4));
      return true;
    case AF_PACKET:
      return read_packet(raw, out);
    case AF_ALG:
      if (raw.size() <= kAlgNameAt) return false;
      out.address = fmt::format("{}:{}", until_nul(raw.substr(kAlgTypeAt, kAlgTypeBytes)),
                                until_nul(raw.substr(kAlgNameAt, kAlgNameBytes)));
      return true;
    default:
      return true;
  }
}

std::string name_of(uint16_t family) {
  switch (family) {
    case AF_INET:
      return "ipv4";
    case AF_INET6:
      return "ipv6";
    case AF_UNIX:
      return "unix";
    case AF_NETLINK:
      return "netlink";
    default:
      return fmt::format("{}", family);
  }
}

}  // namespace

bool read_sockaddr(std::string_view hex, SocketAddress& out) {
  out = {};
  std::string raw;
  if (!decode_hex(hex, raw) || raw.size() < 2) return false;
  out.family = static_cast<uint16_t>(little(raw, 0, 2));
  out.family_name = name_of(out.family);
  return read_body(raw, out);
}

}  // namespace acta::audit
