#pragma once
#include <cstdint>
#include <string_view>

#include "processors/audit/interpret.h"

namespace acta::audit {

/// What a field holds, by its name: auparse's typetab (facts in docs/audit-records.md), and the types newer than
/// libauparse 3.0.9 that we name ourselves.
enum class FieldType : uint8_t {
  none,
  uid,
  gid,
  label,
  escaped,
  key,
  proctitle,  // not for Interpreter::words
  syscall,
  arch,
  exit,
  success,
  session,
  sockaddr,
  protocol,
  uring_op,
  error,
  trust,
  argument,  // answered by our own tables, mostly
  tty,
  perm,
  mode,
  mode_short,
  path_flags,
  promiscuous,
  capability,
  signal,
  list,
  cap_bitmap,
  nfproto,
  icmptype,
  personality,
  seccomp,
  open_flags,
  mmap_flags,
  hook,
  netaction,
  macproto,
  ioctl,
  fanotify,
  multicast,
  resolve  // asked of libauparse
};

/// Type of a field by its name alone. Constant time.
FieldType field_type(std::string_view field);

/// Type of a field in a record: the name's, or what libauparse makes of it in this record.
FieldType field_type(uint16_t record_type, std::string_view field, bool quoted, std::string_view value);

FieldKind field_kind(FieldType type);

/// True when `value` is a number as the type's fields are printed (hex with or without 0x, octal, decimal), of at most
/// 16 digits.
bool is_value_of(FieldType type, std::string_view value);

}  // namespace acta::audit
