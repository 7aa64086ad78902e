#include "support/acct_writer.h"

#include <bit>
#include <cstddef>

#include "base/check.h"

namespace acta::test {
namespace {

class Bytes {
 public:
  explicit Bytes(bool big_endian) : big_endian_(big_endian) {}
  Bytes& number(uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      const unsigned shift = 8 * (big_endian_ ? size - 1 - i : i);
      text_.push_back(static_cast<char>((value >> shift) & 0xff));
    }
    return *this;
  }
  Bytes& u8(uint64_t value) { return number(value, 1); }
  Bytes& u16(uint64_t value) { return number(value, 2); }
  Bytes& u32(uint64_t value) { return number(value, 4); }
  Bytes& name(const std::string& name, size_t size) {
    std::string field = name.substr(0, 15);
    field.resize(size, '\0');
    text_ += field;
    return *this;
  }
  Bytes& zeros(size_t size) {
    text_.append(size, '\0');
    return *this;
  }
  [[nodiscard]] std::string take(size_t size) const {
    CHECK(text_.size() == size);
    return text_;
  }

 private:
  bool big_endian_;
  std::string text_;
};

}  // namespace

std::string write_acct(const AcctFields& f, int version, bool big_endian) {
  Bytes out(big_endian);
  out.u8(f.flags).u8(static_cast<uint64_t>(version) | (big_endian ? 0x80u : 0u));
  if (version >= 3) {
    out.u16(f.tty).u32(f.exit_status).u32(f.uid).u32(f.gid).u32(f.pid).u32(f.parent).u32(f.begin);
    out.u32(std::bit_cast<uint32_t>(f.elapsed_float)).u16(f.user).u16(f.system).u16(f.memory).u16(f.io).u16(f.rw);
    return out.u16(f.minor_faults).u16(f.major_faults).u16(f.swaps).name(f.name, 16).take(64);
  }
  out.u16(f.uid & 0xffff).u16(f.gid & 0xffff).u16(f.tty).u32(f.begin).u16(f.user).u16(f.system).u16(f.elapsed_comp);
  out.u16(f.memory).u16(f.io).u16(f.rw).u16(f.minor_faults).u16(f.major_faults).u16(f.swaps);
  if (version == 0) return out.zeros(2).u32(f.exit_status).name(f.name, 17).zeros(11).take(64);
  if (version == 2) out.u16(f.ahz);
  out.u32(f.exit_status).name(f.name, 17).u8(f.elapsed_comp2 >> 16).u16(f.elapsed_comp2 & 0xffff).u32(f.uid).u32(f.gid);
  return out.take(version == 1 ? 62 : 64);
}

uint16_t encode_comp(uint64_t value) {
  unsigned exponent = 0;
  bool round = false;
  while (value > 0x1fff) {
    round = (value & 4) != 0;
    value >>= 3;
    ++exponent;
  }
  if (round && ++value > 0x1fff) {
    value >>= 3;
    ++exponent;
  }
  return exponent > 7 ? 0xffff : static_cast<uint16_t>((exponent << 13) | value);
}

uint32_t encode_comp2(uint64_t value) {
  if (value < 0x80000) return static_cast<uint32_t>(value);
  unsigned exponent = 1;
  bool round = false;
  while (value > 0xfffff) {
    round = (value & 1) != 0;
    value >>= 1;
    ++exponent;
  }
  if (round && ++value > 0xfffff) {
    value >>= 1;
    ++exponent;
  }
  return exponent > 31 ? 0xffffff : (exponent << 19) | static_cast<uint32_t>(value & 0x7ffff);
}

}  // namespace acta::test
