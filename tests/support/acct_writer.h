#pragma once
#include <cstdint>
#include <string>

namespace acta::test {

/// The fields of an accounting record as numbers of their widths, to be laid out in any version and byte order: the
/// writing counterpart of accounting::decode, made from the kernel's structures (include/uapi/linux/acct.h) and
/// independent of it.
struct AcctFields {
  uint8_t flags = 0;
  uint16_t tty = 0;
  uint32_t exit_status = 0;
  uint32_t uid = 0, gid = 0;     ///< 16 bits in version 0
  uint32_t pid = 0, parent = 0;  ///< version 3
  uint32_t begin = 1700000000;
  float elapsed_float = 0;     ///< version 3
  uint16_t elapsed_comp = 0;   ///< versions 0 to 2
  uint32_t elapsed_comp2 = 0;  ///< versions 1 and 2, 24 bits
  uint16_t user = 0, system = 0, memory = 0, io = 0, rw = 0, minor_faults = 0, major_faults = 0, swaps = 0;
  uint16_t ahz = 0;  ///< version 2
  std::string name;  ///< cut at 15
};

std::string write_acct(const AcctFields& fields, int version, bool big_endian);

/// As the kernel does (kernel/acct.c): shifts right by three until it fits, rounding by the last bit shifted out.
uint16_t encode_comp(uint64_t value);
/// The same with 20 bits of fraction, the first of them hidden, and an exponent to the base 2.
uint32_t encode_comp2(uint64_t value);

}  // namespace acta::test
