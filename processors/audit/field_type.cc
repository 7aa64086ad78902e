#include "processors/audit/field_type.h"

#include <libaudit.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace acta::audit {
namespace {

using enum FieldType;

struct NamedType {
  std::string_view name;
  FieldType type;
};

constexpr NamedType kNamedTypes[] = {
    {"auid", uid},
    {"uid", uid},
    {"euid", uid},
    {"suid", uid},
    {"fsuid", uid},
    {"ouid", uid},
    {"oauid", uid},
    {"old-auid", uid},
    {"iuid", uid},
    {"id", uid},
    {"inode_uid", uid},
    {"sauid", uid},
    {"obj_uid", uid},
    {"obj_gid", gid},
    {"gid", gid},
    {"egid", gid},
    {"sgid", gid},
    {"fsgid", gid},
    {"ogid", gid},
    {"igid", gid},
    {"inode_gid", gid},
    {"new_gid", gid},
    {"path", escaped},
    {"comm", escaped},
    {"exe", escaped},
    {"file", escaped},
    {"name", escaped},
    {"watch", escaped},
    {"cwd", escaped},
    {"cmd", escaped},
    {"acct", escaped},
    {"dir", escaped},
    {"vm", escaped},
    {"old-chardev", escaped},
    {"new-chardev", escaped},
    {"old-disk", escaped},
    {"new-disk", escaped},
    {"old-fs", escaped},
    {"new-fs", escaped},
    {"old-net", escaped},
    {"new-net", escaped},
    {"device", escaped},
    {"cgroup", escaped},
    {"apparmor", escaped},
    {"operation", escaped},
    {"denied_mask", escaped},
    {"info", escaped},
    {"profile", escaped},
    {"requested_mask", escaped},
    {"old-rng", escaped},
    {"new-rng", escaped},
    {"ocomm", escaped},
    {"grp", escaped},
    {"new_group", escaped},
    {"invalid_context", escaped},
    {"sw", escaped},
    {"root_dir", escaped},
    {"key", key},
    {"proctitle", proctitle},
    {"subj", label},
    {"obj", label},
    {"scontext", label},
    {"tcontext", label},
    {"vm-ctx", label},
    {"img-ctx", label},
    {"syscall", FieldType::syscall},
    {"arch", FieldType::arch},
    {"exit", FieldType::exit},
    {"res", success},
    {"result", success},
    {"ses", session},
    {"saddr", FieldType::sockaddr},
    {"proto", protocol},
    {"uring_op", uring_op},
    {"errno", error},
    {"subj_trust", trust},
    {"obj_trust", trust},
    {"a0", argument},
    {"a1", argument},
    {"a2", argument},
    {"a3", argument},
    {"data", tty},
    {"perm", perm},
    {"perm_mask", perm},
    {"mode", mode},
    {"prom", promiscuous},
    {"old_prom", promiscuous},
    {"capability", capability},
    {"sig", FieldType::signal},
    {"sigev_signo", FieldType::signal},
    {"list", list},
    {"cap_pi", cap_bitmap},
    {"cap_pe", cap_bitmap},
    {"cap_pp", cap_bitmap},
    {"cap_pa", cap_bitmap},
    {"cap_fi", cap_bitmap},
    {"cap_fp", cap_bitmap},
    {"fp", cap_bitmap},
    {"fi", cap_bitmap},
    {"old_pp", cap_bitmap},
    {"old_pi", cap_bitmap},
    {"old_pe", cap_bitmap},
    {"old_pa", cap_bitmap},
    {"new_pp", cap_bitmap},
    {"new_pi", cap_bitmap},
    {"new_pe", cap_bitmap},
    {"pp", cap_bitmap},
    {"pi", cap_bitmap},
    {"pe", cap_bitmap},
    {"pa", cap_bitmap},
    {"family", nfproto},
    {"icmptype", icmptype},
    {"per", FieldType::personality},
    {"code", FieldType::seccomp},
    {"oflag", open_flags},
    {"flags", mmap_flags},
    {"hook", hook},
    {"action", netaction},
    {"macproto", macproto},
    {"ioctlcmd", FieldType::ioctl},
    {"resp", fanotify},
    {"nl-mcgrp", multicast},
    {"resolve", FieldType::resolve},
};

constexpr size_t kSlots = 1024;  ///< of the hash table; a power of two, some eight times the number of names

constexpr size_t slot_of(std::string_view name) {
  uint32_t hash = static_cast<uint32_t>(name.size()) * 0x9E3779B1u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return (hash ^ (hash >> 15)) & (kSlots - 1);
}

constexpr std::array<uint8_t, kSlots> make_slots() {
  std::array<uint8_t, kSlots> slots{};
  uint8_t position = 0;
  for (const NamedType& one : kNamedTypes) {
    ++position;
    size_t slot = slot_of(one.name);
    while (slots[slot] != 0) slot = (slot + 1) % kSlots;
    slots[slot] = position;
  }
  return slots;
}

constexpr std::array<uint8_t, kSlots> kSlotOfName = make_slots();
static_assert(std::size(kNamedTypes) < 255);

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool hex_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

FieldType type_of_user_text(bool quoted, std::string_view value) {
  return quoted || hex_digits(value) ? escaped : none;
}

constexpr FieldType kOctal[] = {mode, mode_short};
constexpr FieldType kDecimal[] = {perm,     promiscuous,        capability, FieldType::signal, list,  nfproto, icmptype,
                                  fanotify, FieldType::syscall, protocol,   uring_op,          error, trust,   success};
constexpr FieldType kHex[] = {argument,
                              cap_bitmap,
                              FieldType::personality,
                              FieldType::seccomp,
                              open_flags,
                              mmap_flags,
                              path_flags,
                              hook,
                              netaction,
                              macproto,
                              FieldType::ioctl,
                              multicast,
                              FieldType::resolve,
                              FieldType::arch};

constexpr std::array<uint8_t, 256> make_bases() {
  std::array<uint8_t, 256> bases{};
  for (const FieldType type : kOctal) bases[static_cast<uint8_t>(type)] = 8;
  for (const FieldType type : kDecimal) bases[static_cast<uint8_t>(type)] = 10;
  for (const FieldType type : kHex) bases[static_cast<uint8_t>(type)] = 16;
  return bases;
}

/// Number base in which the values of a type are printed; 0: not a number.
constexpr std::array<uint8_t, 256> kBaseOfType = make_bases();

}  // namespace

FieldType field_type(std::string_view field) {
  for (size_t slot = slot_of(field); kSlotOfName[slot] != 0; slot = (slot + 1) % kSlots) {
    const NamedType& one = kNamedTypes[kSlotOfName[slot] - 1];
    if (one.name == field) return one.type;
  }
  return none;
}

FieldType field_type(uint16_t record_type, std::string_view field, bool quoted, std::string_view value) {
  if (record_type == AUDIT_EXECVE && field.starts_with('a') && field != "argc" &&
      field.find("_len") == std::string_view::npos) {
    return escaped;
  }
  const FieldType type = field_type(field);
  if (type == escaped && field == "acct") return type_of_user_text(quoted, value);
  switch (record_type) {
    case AUDIT_AVC:
    case AUDIT_NETFILTER_PKT:
      return type == FieldType::sockaddr ? none : type;
    case AUDIT_USER_TTY:
      return field == "msg" ? escaped : type;
    case AUDIT_PATH:
      return type == mmap_flags ? path_flags : type;
    case AUDIT_MQ_OPEN:
      return type == mode ? mode_short : type;
    case AUDIT_CRYPTO_KEY_USER:
      return field == "fp" ? none : type;
    case AUDIT_ADD_GROUP:
    case AUDIT_GRP_MGMT:
    case AUDIT_DEL_GROUP:
      return field == "id" ? gid : type;
    case AUDIT_TRUSTED_APP:
      return !quoted && all_digits(value) ? none : type_of_user_text(quoted, value);
    default:
      return type;
  }
}

FieldKind field_kind(FieldType type) {
  switch (type) {
    case none:
    case label:
      return FieldKind::text;
    case escaped:
    case key:
    case proctitle:
      return FieldKind::escaped;
    case uid:
      return FieldKind::uid;
    case gid:
      return FieldKind::gid;
    default:
      return FieldKind::typed;
  }
}

bool is_value_of(FieldType type, std::string_view value) {
  constexpr size_t kDigitsMax = 16;
  const int base = kBaseOfType[static_cast<uint8_t>(type)];
  if (base == 16 && value.starts_with("0x")) value.remove_prefix(2);
  if (value.empty() || value.size() > kDigitsMax || base == 0) return false;
  if (base == 16) return hex_digits(value);
  return all_digits(value) && (base == 10 || value.find_first_of("89") == std::string_view::npos);
}

}  // namespace acta::audit
