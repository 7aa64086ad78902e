#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace acta {

/// A set of IP addresses: networks in CIDR form, or one of the names libbeat has: loopback, unspecified, private,
/// public, unicast, link_local_unicast, multicast, link_local_multicast, interface_local_multicast. IPv4-mapped IPv6
/// addresses count as IPv4. Immutable.
class NetworkSet {
 public:
  /// A CIDR network, an address alone, or a name.
  Result<> add(std::string_view network);
  /// False for text that is no address.
  [[nodiscard]] bool contains(std::string_view address) const;

 private:
  using Address = std::array<uint8_t, 16>;
  struct Prefix {
    Address address{};
    unsigned bits = 0;
  };
  struct Part {
    std::vector<Prefix> prefixes;
    bool outside = false;  ///< the part is everything but these
  };

  static bool parse(std::string_view text, Address& into, bool& v4);
  static bool parse(std::string_view text, Prefix& into);
  static bool covers(const Prefix& prefix, const Address& address);

  std::vector<Part> parts_;
};

}  // namespace acta
