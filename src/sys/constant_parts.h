#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "event/encoder.h"
#include "sys/agent.h"
#include "sys/host.h"

namespace acta {

/// The constant part for records of this host.
ConstantPart constant_part(const AgentInfo& agent, const HostInfo& host);
/// The constant part for records of another node: host.name and host.hostname are the node, host.id a UUIDv5 of our
/// host id and the node; no ip, mac or os but os.type.
ConstantPart constant_part_for_node(const AgentInfo& agent, const HostInfo& host, std::string_view node);
/// host.id of another node whose records we collect.
std::string node_host_id(const HostInfo& host, std::string_view node);

/// The constant parts in use: of this host and of the nodes whose records it collects. One thread (pipeline).
///
/// A pointer given out lives until refresh() or until kNodesMax other nodes have been asked for: long enough for any
/// event being encoded. Node names come from records, so how many are remembered is bounded.
class ConstantParts {
 public:
  using ReadHost = std::function<Result<HostInfo>()>;
  static constexpr size_t kNodesMax = 512;
  static constexpr Nanos kRefreshEvery = 300 * kSecond;

  /// `read_again` reads the host anew for refresh(); none: the host is constant (replay).
  ConstantParts(AgentInfo agent, HostInfo host, ReadHost read_again = {});

  [[nodiscard]] const ConstantPart* own() const { return own_.get(); }
  const ConstantPart* of_node(std::string_view node);
  [[nodiscard]] const HostInfo& host() const { return host_; }
  [[nodiscard]] const AgentInfo& agent() const { return agent_; }

  /// Re-reads addresses, names and versions when kRefreshEvery has passed since the last time; cheap otherwise. Call
  /// between events. The host's id never changes while we run. A failure is logged and what was known stays.
  void refresh(Nanos monotonic);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Nodes = std::unordered_map<std::string, std::unique_ptr<ConstantPart>, Hash, std::equal_to<>>;

  AgentInfo agent_;
  HostInfo host_;
  ReadHost read_again_;
  std::unique_ptr<ConstantPart> own_;
  Nodes nodes_;
  Nodes older_nodes_;  ///< of the generation before: dropped when nodes_ is full again
  Nanos read_at_ = -1;
};

}  // namespace acta
