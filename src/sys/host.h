#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "event/encoder.h"

namespace acta {

/// What is known of the host and the agent: the constant part of documents.
struct HostInfo {
  std::string id;  ///< /etc/machine-id, or configured
  std::string name, hostname, architecture, boot_id, pid_ns_ino;
  std::string os_kernel, os_family, os_name, os_version, os_platform, os_full;
  std::vector<std::string> ip, mac;  ///< MAC as AA-BB-CC-DD-EE-FF
};

struct AgentInfo {
  std::string id;            ///< kept in path.data/agent.json
  std::string name;          ///< `name` of the configuration, else the host name
  std::string ephemeral_id;  ///< new at each start
};

/// Reads the host. `configured_id` wins over /etc/machine-id; with neither it fails and says what to set (`host.id`).
Result<HostInfo> read_host(Fs& fs, const std::string& configured_id);

/// The constant part for records of this host.
ConstantPart constant_part(const AgentInfo& agent, const HostInfo& host);
/// The constant part for records of another node: host.name and host.hostname are the node, host.id a UUIDv5 of our host id and the node; no ip,
/// mac or os but os.type.
ConstantPart constant_part_for_node(const AgentInfo& agent, const HostInfo& host, std::string_view node);

/// UUIDv5 (RFC 4122) of `name` in the name space of the host id.
std::string uuid5(std::string_view host_id, std::string_view name);
/// A random UUIDv4.
std::string uuid4();

}  // namespace acta
