#include "processors/audit/own_words.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "processors/audit/record.h"

namespace acta::audit {
namespace {

struct Named {
  uint16_t number;
  std::string_view name;
};

// /etc/protocols as Debian has it.
constexpr Named kProtocols[] = {
    {0, "ip"},
    {1, "icmp"},
    {2, "igmp"},
    {3, "ggp"},
    {4, "ipencap"},
    {5, "st"},
    {6, "tcp"},
    {8, "egp"},
    {9, "igp"},
    {12, "pup"},
    {17, "udp"},
    {20, "hmp"},
    {22, "xns-idp"},
    {27, "rdp"},
    {29, "iso-tp4"},
    {33, "dccp"},
    {36, "xtp"},
    {37, "ddp"},
    {38, "idpr-cmtp"},
    {41, "ipv6"},
    {43, "ipv6-route"},
    {44, "ipv6-frag"},
    {45, "idrp"},
    {46, "rsvp"},
    {47, "gre"},
    {50, "esp"},
    {51, "ah"},
    {57, "skip"},
    {58, "ipv6-icmp"},
    {59, "ipv6-nonxt"},
    {60, "ipv6-opts"},
    {73, "rspf"},
    {81, "vmtp"},
    {88, "eigrp"},
    {89, "ospf"},
    {93, "ax.25"},
    {94, "ipip"},
    {97, "etherip"},
    {98, "encap"},
    {103, "pim"},
    {108, "ipcomp"},
    {112, "vrrp"},
    {115, "l2tp"},
    {124, "isis"},
    {132, "sctp"},
    {133, "fc"},
    {135, "mobility-header"},
    {136, "udplite"},
    {137, "mpls-in-ip"},
    {138, "manet"},
    {139, "hip"},
    {140, "shim6"},
    {141, "wesp"},
    {142, "rohc"},
    {143, "ethernet"},
    {262, "mptcp"},
};

// Levels of linux/socket.h that are no IP protocols.
constexpr Named kLevels[] = {
    {255, "SOL_RAW"},  {256, "SOL_IPX"},     {257, "SOL_AX25"},     {258, "SOL_ATALK"},     {259, "SOL_NETROM"},
    {260, "SOL_ROSE"}, {261, "SOL_DECNET"},  {263, "SOL_PACKET"},   {264, "SOL_ATM"},       {265, "SOL_AAL"},
    {266, "SOL_IRDA"}, {267, "SOL_NETBEUI"}, {268, "SOL_LLC"},      {269, "SOL_DCCP"},      {270, "SOL_NETLINK"},
    {271, "SOL_TIPC"}, {272, "SOL_RXRPC"},   {273, "SOL_PPPOL2TP"}, {274, "SOL_BLUETOOTH"}, {275, "SOL_PNPIPE"},
    {276, "SOL_RDS"},  {277, "SOL_IUCV"},    {278, "SOL_CAIF"},     {279, "SOL_ALG"},       {280, "SOL_NFC"},
    {281, "SOL_KCM"},  {282, "SOL_TLS"},     {283, "SOL_XDP"},      {284, "SOL_MPTCP"},     {285, "SOL_MCTP"},
    {286, "SOL_SMC"},  {287, "SOL_VSOCK"},
};

// enum io_uring_op, in order.
constexpr std::string_view kUringOps[] = {
    "nop",
    "readv",
    "writev",
    "fsync",
    "read_fixed",
    "write_fixed",
    "poll_add",
    "poll_remove",
    "sync_file_range",
    "sendmsg",
    "recvmsg",
    "timeout",
    "timeout_remove",
    "accept",
    "async_cancel",
    "link_timeout",
    "connect",
    "fallocate",
    "openat",
    "close",
    "files_update",
    "statx",
    "read",
    "write",
    "fadvise",
    "madvise",
    "send",
    "recv",
    "openat2",
    "epoll_ctl",
    "splice",
    "provide_buffers",
    "remove_buffers",
    "tee",
    "shutdown",
    "renameat",
    "unlinkat",
    "mkdirat",
    "symlinkat",
    "linkat",
    "msg_ring",
    "fsetxattr",
    "setxattr",
    "fgetxattr",
    "getxattr",
    "socket",
    "uring_cmd",
    "send_zc",
    "sendmsg_zc",
    "read_multishot",
    "waitid",
    "futex_wait",
    "futex_wake",
    "futex_waitv",
    "fixed_fd_install",
    "ftruncate",
    "bind",
    "listen",
    "recv_zc",
    "epoll_wait",
    "readv_fixed",
    "writev_fixed",
    "pipe",
};

std::string_view name_in(const Named* begin, const Named* end, uint64_t number) {
  const Named* found =
      std::lower_bound(begin, end, number, [](const Named& one, uint64_t n) { return one.number < n; });
  return found != end && found->number == number ? found->name : std::string_view{};
}

constexpr size_t kSockaddrBytesMax = 128;  ///< sizeof(struct sockaddr_storage)
constexpr size_t kUnixPathMax = 108;       ///< UNIX_PATH_MAX

// Sizes of struct sockaddr_* (linux/in.h, in6.h, netlink.h) and offsets in them.
constexpr size_t kInetSize = 16, kInet6Size = 28, kNetlinkSize = 12;
constexpr size_t kPortAt = 2, kInetAddressAt = 4, kInet6AddressAt = 8, kInet6ScopeAt = 24, kNetlinkPidAt = 4;

uint16_t family_of(std::string_view bytes) {
  // In the byte order of the host that wrote it: little-endian on every architecture we name calls for but s390 and
  // ppc64.
  return static_cast<uint16_t>(static_cast<unsigned char>(bytes[0]) | (static_cast<unsigned char>(bytes[1]) << 8));
}

template <class T>
T read_at(std::string_view bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

void unix_words(std::string_view bytes, std::string& out) {
  constexpr size_t kShortest = 4;
  if (bytes.size() < kShortest) {
    out = "{ saddr_fam=local sockaddr len too short }";
    return;
  }
  std::string_view path = bytes.substr(bytes[2] != 0 ? 2 : 3);
  path = path.substr(0, std::min(path.find('\0'), kUnixPathMax));
  out.assign("{ saddr_fam=local path=").append(path).append(" }");
}

void inet_words(std::string_view bytes, std::string& out) {
  if (bytes.size() < kInetSize) {
    out = "{ saddr_fam=inet sockaddr len too short }";
    return;
  }
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, bytes.data() + kInetAddressAt, text, sizeof text);
  out.clear();
  fmt::format_to(std::back_inserter(out), "{{ saddr_fam=inet laddr={} lport={} }}", text,
                 ntohs(read_at<uint16_t>(bytes, kPortAt)));
}

void inet6_words(std::string_view bytes, std::string& out) {
  if (bytes.size() < kInet6Size) {
    out = "{ saddr_fam=inet6 sockaddr6 len too short }";
    return;
  }
  char text[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, bytes.data() + kInet6AddressAt, text, sizeof text);
  out.clear();
  auto to = std::back_inserter(out);
  fmt::format_to(to, "{{ saddr_fam=inet6 laddr={}", text);
  if (const auto scope = read_at<uint32_t>(bytes, kInet6ScopeAt); scope != 0) fmt::format_to(to, "%{}", scope);
  fmt::format_to(to, " lport={} }}", ntohs(read_at<uint16_t>(bytes, kPortAt)));
}

void netlink_words(std::string_view bytes, std::string& out) {
  if (bytes.size() < kNetlinkSize) {
    out = "{ saddr_fam=netlink len too short }";
    return;
  }
  out.clear();
  fmt::format_to(std::back_inserter(out), "{{ saddr_fam=netlink nlnk-fam={} nlnk-pid={} }}", family_of(bytes),
                 read_at<uint32_t>(bytes, kNetlinkPidAt));
}

bool is_short_enough(std::string_view hex) {
  return hex.size() >= 4 && hex.size() <= 2 * kSockaddrBytesMax;
}

}  // namespace

bool sockaddr_words(std::string_view hex, std::string& bytes, std::string& out) {
  bytes.clear();
  if (!is_short_enough(hex) || !decode_hex(hex, bytes)) return false;
  switch (family_of(bytes)) {
    case AF_UNIX:
      unix_words(bytes, out);
      return true;
    case AF_INET:
      inet_words(bytes, out);
      return true;
    case AF_INET6:
      inet6_words(bytes, out);
      return true;
    case AF_NETLINK:
      netlink_words(bytes, out);
      return true;
    default:
      return false;
  }
}

bool is_sockaddr_for_libauparse(std::string_view hex) {
  // The library reads these without a look at their length; 20 bytes are enough for each.
  constexpr std::string_view kUnchecked[] = {"03", "04", "08", "09"};  // AF_AX25, AF_IPX, AF_ATMPVC, AF_X25
  constexpr size_t kLongestRead = 20;
  if (!is_short_enough(hex) || !is_hex(hex)) return false;
  const bool unchecked =
      std::find(std::begin(kUnchecked), std::end(kUnchecked), hex.substr(0, 2)) != std::end(kUnchecked);
  return !unchecked || hex.size() >= 2 * kLongestRead;
}

std::string_view protocol_name(uint64_t number) {
  return name_in(std::begin(kProtocols), std::end(kProtocols), number);
}

std::string_view socket_level_name(uint64_t level) {
  if (level == SOL_SOCKET) return "SOL_SOCKET";
  const std::string_view name = protocol_name(level);
  return !name.empty() ? name : name_in(std::begin(kLevels), std::end(kLevels), level);
}

std::string_view uring_op_name(uint64_t operation) {
  return operation < std::size(kUringOps) ? kUringOps[operation] : std::string_view{};
}

}  // namespace acta::audit
