#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace acta::accounting {

/// 16-bit floating number of accounting records: 13 bits of fraction, 3 bits of exponent to the base 8 (kernel/acct.c).
/// The field as written.
struct Comp {
  uint16_t bits = 0;
  /// At most 8191 << 21.
  [[nodiscard]] constexpr uint64_t value() const { return uint64_t{bits & 0x1fffu} << (3u * (bits >> 13)); }
};

/// The elapsed time of versions 1 and 2: 24 bits, 19 of fraction with a hidden one, 5 of exponent to the base 2.
struct Comp2 {
  uint32_t bits = 0;
  /// At most 0xfffff << 30.
  [[nodiscard]] constexpr uint64_t value() const {
    const uint32_t fraction = bits & 0x7ffffu;
    const uint32_t exponent = (bits >> 19) & 0x1fu;
    return exponent == 0 ? fraction : uint64_t{fraction | 0x80000u} << (exponent - 1);
  }
};

/// ac_flag (include/uapi/linux/acct.h).
enum Flag : uint8_t {
  kForked = 0x01,      ///< forked and never executed a program
  kSuperuser = 0x02,   ///< used super-user powers
  kCompat = 0x04,      ///< never set on Linux
  kDumpedCore = 0x08,  ///< left a core
  kSignalled = 0x10,   ///< ended by a signal
  kGroup = 0x20        ///< last of its thread group
};

/// One accounting record, whatever its version and byte order, every field as written.
struct Record {
  uint8_t version = 0;       ///< 0 to 4; 4 is laid out as 3
  bool big_endian = false;   ///< how it was written
  uint8_t flags = 0;         ///< of Flag, others too
  uint16_t tty = 0;          ///< old device number, major << 8 | minor; 0 for none
  uint32_t exit_status = 0;  ///< of wait(2)
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::optional<uint32_t> pid;     ///< version 3 on
  std::optional<uint32_t> parent;  ///< version 3 on
  uint32_t begin = 0;              ///< seconds since 1970
  double elapsed = 0;              ///< ticks; from version 3 on as the float that was written, which may be anything
  uint32_t elapsed_bits = 0;       ///< the field as written: float (3), comp2_t (1, 2), comp_t (0)
  Comp elapsed_comp;               ///< versions 0 to 2: ac_etime, coarser
  Comp user, system;               ///< CPU time, ticks
  Comp memory;                     ///< kB
  Comp io, rw, minor_faults, major_faults, swaps;
  uint16_t ahz = 0;       ///< ticks per second
  std::string_view name;  ///< up to the first NUL; borrowed from the bytes
};

/// Reads the record that `bytes` are. Nothing when the version is not known or the size is not its size. `ahz` holds
/// for records that do not say: version 0, version 1, and version 2 with 0. Version 3 is always 100.
std::optional<Record> decode(std::string_view bytes, uint16_t ahz);

/// Nanoseconds of `ticks`; saturated.
Nanos ticks_to_nanos(uint64_t ticks, uint16_t ahz);

/// Nanoseconds from start to end; nothing when the field holds no time: not a number, negative, or more than 2^32
/// seconds.
std::optional<Nanos> elapsed_nanos(const Record& record);

}  // namespace acta::accounting
