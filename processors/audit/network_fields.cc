#include "processors/audit/network_fields.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>
#include <optional>

#include "processors/audit/record_types.h"
#include "processors/audit/related.h"

namespace acta::audit {
namespace {

struct Side {
  FieldId address, ip, port, domain;
};
constexpr Side kSource{FieldId::kSourceAddress, FieldId::kSourceIp, FieldId::kSourcePort, FieldId::kSourceDomain};
constexpr Side kDestination{FieldId::kDestinationAddress, FieldId::kDestinationIp, FieldId::kDestinationPort,
                            FieldId::kDestinationDomain};

int ip_family(std::string_view text) {
  char copy[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof copy) return 0;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = 0;
  in6_addr address{};
  if (inet_pton(AF_INET, copy, &address) == 1) return AF_INET;
  return inet_pton(AF_INET6, copy, &address) == 1 ? AF_INET6 : 0;
}

std::optional<int64_t> read_port(std::string_view text) {
  uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, port);
  if (text.empty() || read.ptr != end || read.ec != std::errc{}) return std::nullopt;
  return port;
}

// Writes one side of a connection; the address as ip where it is one.
void write_side(Event& out, const Side& side, std::string_view address, std::optional<int64_t> port) {
  if (!address.empty()) {
    out.set_view(side.address, address);
    if (const int family = ip_family(address); family != 0) {
      out.set_view(side.ip, address);
      out.set_view(FieldId::kNetworkType, family == AF_INET ? "ipv4" : "ipv6");
      add_related(out, FieldId::kRelatedIp, address);
    }
  }
  if (port) out.set(side.port, *port);
}

void write_host_name(Event& out, const Side& side, std::string_view name) {
  if (name.empty() || is_ip(name)) return;
  out.set_view(side.domain, name);
  add_related(out, FieldId::kRelatedHosts, name);
}

std::string_view decimal(uint32_t number, Arena& arena) {
  char text[10];
  const char* end = std::to_chars(text, text + sizeof text, number).ptr;
  return arena.copy({text, static_cast<size_t>(end - text)});
}

std::string_view transport(std::string_view protocol) {
  struct Name {
    std::string_view number, name;
  };
  constexpr Name kNames[] = {{"1", "icmp"},       {"6", "tcp"},    {"17", "udp"},
                             {"58", "ipv6-icmp"}, {"132", "sctp"}, {"136", "udplite"}};
  for (const Name& row : kNames) {
    if (row.number == protocol) return row.name;
  }
  return {};
}

}  // namespace

bool is_ip(std::string_view text) {
  return ip_family(text) != 0;
}

void NetworkFields::write(Draft& draft) {
  address_ = port_ = {};
  const uint16_t record_type = draft.primary_record().type();
  if (draft.syscall_record >= 0) write_socket(draft);
  if (record_type == type::kCryptoSession || record_type == type::kCryptoKeyUser) {
    write_crypto(draft);
  } else if (record_type == type::kNetfilterPkt) {
    write_packet(draft);
  } else if (record_type >= type::kIpsecFirst && record_type <= type::kIpsecLast) {
    write_side(*draft.out, kSource, draft.primary_words(Key::kSrc), std::nullopt);
    write_side(*draft.out, kDestination, draft.primary_words(Key::kDst), std::nullopt);
  } else if (type::is_user(record_type) || type::is_daemon(record_type)) {
    write_peer(draft);
  }
}

// SOCKADDR: the peer of connect, send, accept and receive, the own address of bind.
void NetworkFields::write_socket(Draft& draft) {
  const int i = draft.fields->find_record(type::kSockaddr);
  if (i < 0) return;
  const FieldSlot* slot = draft.record(i).find(Key::kSaddr);
  if (slot == nullptr || slot->absent()) return;
  const bool whole = read_sockaddr(slot->text, socket_);
  Event& out = *draft.out;
  if (!socket_.family_name.empty()) out.put(FieldId::kAuditdData, "family", socket_.family_name, "socket");
  if (!whole) return;
  address_ = socket_.address;
  if (socket_.port) port_ = decimal(*socket_.port, out.arena());
  const std::string_view direction = draft.syscall_rule->direction;
  if (direction.empty()) return;
  std::optional<int64_t> port;
  if (socket_.is_ip && socket_.port) port = static_cast<int64_t>(*socket_.port);
  write_side(out, direction == "ingress" ? kSource : kDestination, address_, port);
  if (socket_.is_ip) out.set_view(FieldId::kNetworkDirection, direction);
}

// addr= and hostname= of a login: where the person comes from.
void NetworkFields::write_peer(Draft& draft) {
  Event& out = *draft.out;
  std::string_view address = draft.primary_words(Key::kAddr);
  const std::string_view name = draft.primary_words(Key::kHostname);
  std::optional<int64_t> port = read_port(draft.primary_words(Key::kPort));
  // auditd writes the peers of DAEMON_ACCEPT as address:port.
  if (const size_t colon = address.rfind(':'); !address.empty() && !is_ip(address) && colon != std::string_view::npos) {
    if (is_ip(address.substr(0, colon))) {
      port = read_port(address.substr(colon + 1));
      address = address.substr(0, colon);
    }
  }
  if (address.empty()) address = name;
  if (address.empty()) return;
  const std::string_view direction = draft.type_rule == nullptr ? std::string_view{} : draft.type_rule->direction;
  // Other records name the host that a terminal is on, which is an address or nothing to speak of.
  if (direction.empty() && !is_ip(address)) return;
  const Side& side = direction == "egress" ? kDestination : kSource;
  write_side(out, side, address, port);
  write_host_name(out, side, name);
  if (is_ip(address) && !direction.empty()) out.set_view(FieldId::kNetworkDirection, direction);
}

// sshd: addr and rport are the peer's, laddr and lport its own.
void NetworkFields::write_crypto(Draft& draft) {
  Event& out = *draft.out;
  const std::string_view peer = draft.primary_words(Key::kAddr);
  const std::string_view local = draft.primary_words(Key::kLaddr);
  if (is_ip(peer) || !draft.primary_words(Key::kRport).empty())
    write_side(out, kSource, peer, read_port(draft.primary_words(Key::kRport)));
  if (!local.empty()) write_side(out, kDestination, local, read_port(draft.primary_words(Key::kLport)));
  if (is_ip(peer)) out.set_view(FieldId::kNetworkDirection, "ingress");
  if (!local.empty() || is_ip(peer)) out.set_view(FieldId::kNetworkTransport, "tcp");
}

void NetworkFields::write_packet(Draft& draft) {
  Event& out = *draft.out;
  write_side(out, kSource, draft.primary_words(Key::kSaddr), read_port(draft.primary_words(Key::kSport)));
  write_side(out, kDestination, draft.primary_words(Key::kDaddr), read_port(draft.primary_words(Key::kDport)));
  if (const std::string_view name = transport(draft.primary_words(Key::kProto)); !name.empty())
    out.set_view(FieldId::kNetworkTransport, name);
}

}  // namespace acta::audit
