#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace acta::audit {

/// Where a value for the summary or for a mapping is taken from, and what else a row says; generated from normalize.yaml.
/// Which field of the event a summary entry is taken from, in order of preference ("acct", "auid" …; see normalize.yaml for the words).
using Sources = std::span<const std::string_view>;

/// What user.* means for a record type (facts: auid is the actor in login, authentication, session, iam and command records).
enum class Identity : uint8_t {
  process,         ///< user.* = uid of the process (system calls)
  actor,           ///< user.* = auid; user.effective.* = acct or id (authentication, session)
  actor_target,    ///< user.* = auid; user.target.* = acct or id (iam)
  group_target,    ///< user.* = auid; group.* = grp or id
  login            ///< LOGIN: user.* = old auid, user.effective.* = new auid
};

/// What a system call or record type means. All views are literals.
struct Rule {
  std::string_view name;    ///< system call or record type
  std::string_view action;  ///< event.action
  std::span<const std::string_view> category;
  std::span<const std::string_view> type;
  std::string_view object_type;  ///< auditd.summary.object.type
  Sources object_primary;
  Sources object_secondary;
  Sources actor_primary;
  Sources actor_secondary;
  Sources how;
  Identity identity = Identity::process;
  uint8_t path_index = 0;  ///< system calls: which PATH by position is the object when nametypes do not say
  /// "", "ingress", "egress": the side that SOCKADDR or addr= is on.
  std::string_view direction;
  bool adds = false;  ///< the row adds its categories to those of the system call (AVC, SECCOMP …)
};

/// The row of a system call by name; the row of "*" for any other. Never null.
const Rule* rule_for_syscall(std::string_view name);
/// The row of a record type by number; null when there is none (the caller then makes the action of the type's name).
const Rule* rule_for_type(uint16_t type);

}  // namespace acta::audit
