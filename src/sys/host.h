#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "event/encoder.h"

namespace acta {

/// What is known of the host. The names of the members are those of the fields below host. Addresses of loopback
/// interfaces are left out.
struct HostInfo {
  std::string id;  ///< /etc/machine-id, or configured
  std::string name, hostname, architecture, boot_id, pid_ns_ino;
  std::string os_kernel, os_family, os_name, os_version, os_platform, os_full;
  std::vector<std::string> ip, mac;  ///< MAC as AA-BB-CC-DD-EE-FF; at most kHostAddressesMax each
  bool operator==(const HostInfo&) const = default;
};

/// Addresses beyond this many are left out: a container host has hundreds, and each document repeats them.
inline constexpr size_t kHostAddressesMax = 64;

/// Reads the host: machine-id(5), os-release(5), uname(2), getifaddrs(3), /proc. `configured_id` wins over
/// /etc/machine-id; with neither it fails and says what to set (`host.id`). Whatever else cannot be read stays empty.
Result<HostInfo> read_host(Fs& fs, const std::string& configured_id);

/// Puts what os-release(5) says into `host`: name, version, platform, family, full. Lines that are none are skipped.
void read_os_release(std::string_view content, HostInfo& host);

}  // namespace acta
