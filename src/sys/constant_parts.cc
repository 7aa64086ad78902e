#include "sys/constant_parts.h"

#include "base/log.h"
#include "event/ecs.h"
#include "sys/uuid.h"

namespace acta {
namespace {

void set_unless_empty(Event& event, FieldId id, std::string_view text) {
  if (!text.empty()) event.set(id, text);
}

void set_agent(Event& event, const AgentInfo& agent) {
  event.set(FieldId::kEcsVersion, kEcsVersion);
  event.set(FieldId::kAgentId, agent.id);
  event.set(FieldId::kAgentName, agent.name);
  event.set(FieldId::kAgentType, "actabeat");
  event.set(FieldId::kAgentVersion, ACTA_VERSION);
  event.set(FieldId::kAgentEphemeralId, agent.ephemeral_id);
  event.set(FieldId::kHostOsType, "linux");
}

}  // namespace

ConstantPart constant_part(const AgentInfo& agent, const HostInfo& host) {
  Event event;
  set_agent(event, agent);
  event.set(FieldId::kHostId, host.id);
  set_unless_empty(event, FieldId::kHostName, host.name);
  set_unless_empty(event, FieldId::kHostHostname, host.hostname);
  set_unless_empty(event, FieldId::kHostArchitecture, host.architecture);
  set_unless_empty(event, FieldId::kHostBootId, host.boot_id);
  set_unless_empty(event, FieldId::kHostPidNsIno, host.pid_ns_ino);
  set_unless_empty(event, FieldId::kHostOsKernel, host.os_kernel);
  set_unless_empty(event, FieldId::kHostOsFamily, host.os_family);
  set_unless_empty(event, FieldId::kHostOsName, host.os_name);
  set_unless_empty(event, FieldId::kHostOsVersion, host.os_version);
  set_unless_empty(event, FieldId::kHostOsPlatform, host.os_platform);
  set_unless_empty(event, FieldId::kHostOsFull, host.os_full);
  for (const std::string& ip : host.ip) event.add(FieldId::kHostIp, ip);
  for (const std::string& mac : host.mac) event.add(FieldId::kHostMac, mac);
  return ConstantPart(std::move(event));
}

std::string node_host_id(const HostInfo& host, std::string_view node) {
  return uuid5(host.id, node);
}

ConstantPart constant_part_for_node(const AgentInfo& agent, const HostInfo& host, std::string_view node) {
  Event event;
  set_agent(event, agent);
  event.set(FieldId::kHostId, node_host_id(host, node));
  event.set(FieldId::kHostName, node);
  event.set(FieldId::kHostHostname, node);
  return ConstantPart(std::move(event));
}

ConstantParts::ConstantParts(AgentInfo agent, HostInfo host, ReadHost read_again)
    : agent_(std::move(agent)),
      host_(std::move(host)),
      read_again_(std::move(read_again)),
      own_(std::make_unique<ConstantPart>(constant_part(agent_, host_))) {}

const ConstantPart* ConstantParts::of_node(std::string_view node) {
  if (const auto found = nodes_.find(node); found != nodes_.end()) return found->second.get();
  std::unique_ptr<ConstantPart> part;
  if (const auto found = older_nodes_.find(node); found != older_nodes_.end()) {
    part = std::move(found->second);
    older_nodes_.erase(found);
  } else {
    part = std::make_unique<ConstantPart>(constant_part_for_node(agent_, host_, node));
  }
  if (nodes_.size() >= kNodesMax) {
    older_nodes_ = std::move(nodes_);
    nodes_.clear();
  }
  return nodes_.emplace(std::string(node), std::move(part)).first->second.get();
}

void ConstantParts::refresh(Nanos monotonic) {
  if (!read_again_) return;
  if (read_at_ < 0) read_at_ = monotonic;  // what the constructor was given is fresh
  if (monotonic - read_at_ < kRefreshEvery) return;
  read_at_ = monotonic;
  auto host = read_again_();
  if (!host) {
    log::warning("host", "what is known of this host stays as it was: " + host.error().what);
    return;
  }
  host->id = host_.id;
  if (*host == host_) return;
  host_ = std::move(*host);
  own_ = std::make_unique<ConstantPart>(constant_part(agent_, host_));
}

}  // namespace acta
