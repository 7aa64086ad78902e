#include "sys/host.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <utility>

namespace acta {
namespace {

constexpr size_t kSmallFileBytesMax = 65536;
constexpr size_t kHostIdBytesMax = 256;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string read_trimmed(Fs& fs, const std::string& path) {
  const auto content = read_file(fs, path, kSmallFileBytesMax);
  return content ? std::string(trim(*content)) : std::string();
}

Result<std::string> host_id(Fs& fs, const std::string& configured) {
  if (!configured.empty()) {
    const bool plain = std::all_of(configured.begin(), configured.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (plain && configured.size() <= kHostIdBytesMax) return configured;
    return fail(Errc::config, "host.id must be printable ASCII without spaces, at most 256 bytes");
  }
  std::string id = read_trimmed(fs, "/etc/machine-id");
  const bool hex = std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
  if (id.size() == 32 && hex) return id;
  const std::string state = id.empty() ? "is missing or empty" : "holds no machine id (32 hexadecimal digits)";
  return fail(Errc::config,
              "/etc/machine-id " + state +
                  ", so that documents of this host could not be told from those of others: set host.id in the "
                  "configuration, or make one with systemd-machine-id-setup");
}

/// The words of one value as os-release(5) quotes them: shell quoting without expansion.
std::string unquote(std::string_view value) {
  value = trim(value);
  const bool quoted =
      value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front();
  if (!quoted) return std::string(value);
  const bool escapes = value.front() == '"';
  value = value.substr(1, value.size() - 2);
  std::string text;
  for (size_t i = 0; i < value.size(); ++i) {
    if (escapes && value[i] == '\\' && i + 1 < value.size()) ++i;
    text.push_back(value[i]);
  }
  return text;
}

/// The family of a distribution, as Beats name them: by its own id, else by what it says it is like.
std::string family_of(std::string_view id, std::string_view like) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 27> kFamilies = {
      {{"debian", "debian"}, {"ubuntu", "debian"},     {"linuxmint", "debian"},   {"raspbian", "debian"},
       {"rhel", "redhat"},   {"redhat", "redhat"},     {"fedora", "redhat"},      {"centos", "redhat"},
       {"rocky", "redhat"},  {"almalinux", "redhat"},  {"ol", "redhat"},          {"amzn", "redhat"},
       {"amazon", "redhat"}, {"scientific", "redhat"}, {"suse", "suse"},          {"sles", "suse"},
       {"sled", "suse"},     {"opensuse", "suse"},     {"opensuse-leap", "suse"}, {"opensuse-tumbleweed", "suse"},
       {"arch", "arch"},     {"archarm", "arch"},      {"manjaro", "arch"},       {"alpine", "alpine"},
       {"gentoo", "gentoo"}, {"void", "void"},         {"nixos", "nixos"}}};
  const auto known = [](std::string_view name) -> std::string_view {
    for (const auto& [platform, family] : kFamilies) {
      if (platform == name) return family;
    }
    return {};
  };
  if (const std::string_view family = known(id); !family.empty()) return std::string(family);
  while (!like.empty()) {
    const size_t space = like.find(' ');
    if (const std::string_view family = known(like.substr(0, space)); !family.empty()) return std::string(family);
    like = space == std::string_view::npos ? std::string_view() : like.substr(space + 1);
  }
  return {};
}

void add_address(std::vector<std::string>& list, std::string address) {
  if (list.size() >= kHostAddressesMax || std::find(list.begin(), list.end(), address) != list.end()) return;
  list.push_back(std::move(address));
}

/// Hardware address as upper-case octets with dashes; empty for none, all zeros, or a length that is neither EUI-48 nor
/// EUI-64.
std::string mac_text(const sockaddr_ll& address) {
  if (address.sll_halen != 6 && address.sll_halen != 8) return {};
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  bool zero = true;
  for (size_t i = 0; i < address.sll_halen; ++i) {
    const uint8_t octet = address.sll_addr[i];
    zero = zero && octet == 0;
    if (i > 0) text.push_back('-');
    text.push_back(kDigits[octet >> 4]);
    text.push_back(kDigits[octet & 15]);
  }
  return zero ? std::string() : text;
}

void read_addresses(HostInfo& host) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return;
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || (at->ifa_flags & IFF_LOOPBACK) != 0) continue;
    char text[INET6_ADDRSTRLEN] = "";
    if (at->ifa_addr->sa_family == AF_INET) {
      const auto* address = reinterpret_cast<const sockaddr_in*>(at->ifa_addr);
      if (::inet_ntop(AF_INET, &address->sin_addr, text, sizeof text) != nullptr) add_address(host.ip, text);
    } else if (at->ifa_addr->sa_family == AF_INET6) {
      const auto* address = reinterpret_cast<const sockaddr_in6*>(at->ifa_addr);
      if (::inet_ntop(AF_INET6, &address->sin6_addr, text, sizeof text) != nullptr) add_address(host.ip, text);
    } else if (at->ifa_addr->sa_family == AF_PACKET) {
      std::string mac = mac_text(*reinterpret_cast<const sockaddr_ll*>(at->ifa_addr));
      if (!mac.empty()) add_address(host.mac, std::move(mac));
    }
  }
  ::freeifaddrs(list);
}

}  // namespace

void read_os_release(std::string_view content, HostInfo& host) {
  std::string like;
  std::string version_id;
  while (!content.empty()) {
    const size_t end = content.find('\n');
    const std::string_view line = trim(content.substr(0, end));
    content = end == std::string_view::npos ? std::string_view() : content.substr(end + 1);
    const size_t equals = line.find('=');
    if (line.empty() || line.front() == '#' || equals == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, equals);
    const std::string value = unquote(line.substr(equals + 1));
    if (key == "NAME") host.os_name = value;
    if (key == "ID") host.os_platform = value;
    if (key == "ID_LIKE") like = value;
    if (key == "VERSION") host.os_version = value;
    if (key == "VERSION_ID") version_id = value;
    if (key == "PRETTY_NAME") host.os_full = value;
  }
  if (host.os_version.empty()) host.os_version = version_id;
  host.os_family = family_of(host.os_platform, like);
}

Result<HostInfo> read_host(Fs& fs, const std::string& configured_id) {
  auto id = host_id(fs, configured_id);
  if (!id) return tl::unexpected(id.error());
  HostInfo host;
  host.id = std::move(*id);
  utsname names{};
  if (::uname(&names) == 0) {
    host.name = names.nodename;
    host.hostname = names.nodename;
    host.architecture = names.machine;
    host.os_kernel = names.release;
  }
  host.boot_id = read_trimmed(fs, "/proc/sys/kernel/random/boot_id");
  if (const auto space = fs.stat("/proc/self/ns/pid")) host.pid_ns_ino = std::to_string(space->inode);
  auto release = read_file(fs, "/etc/os-release", kSmallFileBytesMax);
  if (!release) release = read_file(fs, "/usr/lib/os-release", kSmallFileBytesMax);
  if (release) read_os_release(*release, host);
  read_addresses(host);
  return host;
}

}  // namespace acta
