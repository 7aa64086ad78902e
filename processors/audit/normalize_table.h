#pragma once
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>

namespace acta::audit {

/// Which fields of the event a summary entry is taken from, in order of preference ("acct", "auid" …): names as
/// printed, or a word of ours below. The first that the event has is taken. Defaults are filled in: a row's actor is
/// auid and uid when the table says nothing.
using Sources = std::span<const std::string_view>;
inline constexpr std::string_view kSourcePath = "@path";        ///< path of the file that the event is about
inline constexpr std::string_view kSourceAddress = "@address";  ///< address, or path of a unix socket, of SOCKADDR
inline constexpr std::string_view kSourcePort = "@port";        ///< port of SOCKADDR
inline constexpr std::string_view kSourceProgram = "@program";  ///< exe, or comm when exe is an interpreter or absent

/// What user.* means for a record type (facts: auid is the actor in login, authentication, session, iam and command
/// records).
enum class Identity : uint8_t {
  process,       ///< user.* = uid of the process (system calls)
  actor,         ///< user.* = auid; user.effective.* = acct or id (authentication, session)
  actor_target,  ///< user.* = auid; user.target.* = acct or id; user.effective.* = uid (iam)
  group_target,  ///< user.* = auid; group.* = grp, id or acct; user.effective.* = uid
  login          ///< LOGIN: user.* = old auid, user.effective.* = new auid
};

/// What takes the place of a row's action, category and type when the field `Rule::by` has this value.
struct Refinement {
  std::string_view value;
  std::string_view action;
  std::span<const std::string_view> category;
  std::span<const std::string_view> type;
};

/// What a system call or record type means: a row of normalize.yaml. All views are literals.
struct Rule {
  std::string_view name;  ///< system call or record type; "*" for any other system call
  std::string_view
      action;  ///< event.action; empty: the call's name, or (record types that only accompany others) no say in it
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
  /// "", "ingress", "egress": the side that SOCKADDR, or addr= of a user-space record, is on.
  std::string_view direction;
  bool adds = false;    ///< the row adds its categories to those of the system call (AVC, SECCOMP …)
  std::string_view by;  ///< field whose value chooses among `refinements`; empty: none
  std::span<const Refinement> refinements;
};

/// The row of a system call by name; the row of "*" for any other. Never null. Constant time.
const Rule* rule_for_syscall(std::string_view name);
/// The same by AUDIT_ARCH_* value and number, without the detour over the name. Never null. Any thread, constant time.
const Rule* rule_for_syscall(uint32_t arch, int32_t number);
/// The row of a record type by number; null when there is none (the caller then makes the action of the type's name).
/// Constant time.
const Rule* rule_for_type(uint16_t type);
/// The row of an AVC record with apparmor="WORD": that of APPARMOR_WORD, of APPARMOR when there is none for the word.
/// Never null.
const Rule* rule_for_apparmor(std::string_view word);
/// The refinement of a rule for a value of its field `by`; null when the row stands as it is.
const Refinement* refinement(const Rule& rule, std::string_view value);

/// All rows, for tests and documents.
std::span<const Rule> syscall_rules();
std::span<const Rule> type_rules();

}  // namespace acta::audit
