#include "processors/network_set.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>
#include <string>

namespace acta {
namespace {

constexpr unsigned kV4Bits = 32;
constexpr unsigned kV6Bits = 128;
constexpr unsigned kMappedBits = kV6Bits - kV4Bits;

// RFC 1122, 1918, 3927, 4193, 4291, 5771.
constexpr std::string_view kLoopback[] = {"127.0.0.0/8", "::1"};
constexpr std::string_view kUnspecified[] = {"0.0.0.0", "::"};
constexpr std::string_view kPrivate[] = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"};
constexpr std::string_view kLinkLocal[] = {"169.254.0.0/16", "fe80::/10"};
constexpr std::string_view kMulticast[] = {"224.0.0.0/4", "ff00::/8"};
constexpr std::string_view kLinkLocalMulticast[] = {"224.0.0.0/24", "ff02::/16"};
constexpr std::string_view kInterfaceLocalMulticast[] = {"ff01::/16"};
constexpr std::string_view kNotUnicast[] = {
    "127.0.0.0/8", "::1", "0.0.0.0", "::", "169.254.0.0/16", "fe80::/10", "224.0.0.0/4", "ff00::/8", "255.255.255.255"};
constexpr std::string_view kNotPublic[] = {
    "127.0.0.0/8",    "::1",      "0.0.0.0",    "::",       "169.254.0.0/16", "fe80::/10",
    "224.0.0.0/4",    "ff00::/8", "10.0.0.0/8", "fc00::/7", "172.16.0.0/12",  "192.168.0.0/16",
    "255.255.255.255"};

struct Named {
  std::string_view name;
  std::span<const std::string_view> networks;
  bool outside;
};
constexpr Named kNamed[] = {{"loopback", kLoopback, false},
                            {"unspecified", kUnspecified, false},
                            {"private", kPrivate, false},
                            {"public", kNotPublic, true},
                            {"unicast", kNotUnicast, true},
                            {"global_unicast", kNotUnicast, true},
                            {"link_local_unicast", kLinkLocal, false},
                            {"multicast", kMulticast, false},
                            {"link_local_multicast", kLinkLocalMulticast, false},
                            {"interface_local_multicast", kInterfaceLocalMulticast, false}};

}  // namespace

bool NetworkSet::parse(std::string_view text, Address& into, bool& v4) {
  char bounded[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof bounded) return false;
  std::memcpy(bounded, text.data(), text.size());
  bounded[text.size()] = '\0';
  in_addr four{};
  v4 = inet_pton(AF_INET, bounded, &four) == 1;
  if (v4) {
    into = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    std::memcpy(into.data() + kMappedBits / 8, &four, sizeof four);
    return true;
  }
  return inet_pton(AF_INET6, bounded, into.data()) == 1;
}

bool NetworkSet::parse(std::string_view text, Prefix& into) {
  const size_t slash = text.find('/');
  bool v4 = false;
  if (!parse(text.substr(0, slash), into.address, v4)) return false;
  into.bits = v4 ? kV4Bits : kV6Bits;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits > into.bits) return false;
    into.bits = bits;
  }
  if (v4) into.bits += kMappedBits;
  return true;
}

bool NetworkSet::covers(const Prefix& prefix, const Address& address) {
  const unsigned bytes = prefix.bits / 8;
  if (!std::equal(address.begin(), address.begin() + bytes, prefix.address.begin())) return false;
  const unsigned rest = prefix.bits % 8;
  return rest == 0 || ((address[bytes] ^ prefix.address[bytes]) >> (8 - rest)) == 0;
}

Result<> NetworkSet::add(std::string_view network) {
  Part part;
  for (const Named& named : kNamed) {
    if (named.name != network) continue;
    part.outside = named.outside;
    for (const std::string_view text : named.networks) parse(text, part.prefixes.emplace_back());
    parts_.push_back(std::move(part));
    return {};
  }
  if (!parse(network, part.prefixes.emplace_back())) {
    return fail(Errc::config,
                "'" + std::string(network) + "' is no network; write it as 10.0.0.0/8, or by a name such as private");
  }
  parts_.push_back(std::move(part));
  return {};
}

bool NetworkSet::contains(std::string_view address) const {
  Address parsed{};
  bool v4 = false;
  if (!parse(address, parsed, v4)) return false;
  return std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) {
    const bool inside = std::any_of(part.prefixes.begin(), part.prefixes.end(),
                                    [&](const Prefix& prefix) { return covers(prefix, parsed); });
    return inside != part.outside;
  });
}

}  // namespace acta
