#include "processors/accounting/record.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "sys/acct_file.h"

namespace acta::accounting {
namespace {

constexpr uint8_t kBigEndianBit = 0x80;
constexpr uint16_t kTicksOfVersion3 = 100;
constexpr double kElapsedSecondsMax =
    4294967296.0;  // a start time is a number of seconds below 2^32 too: the end stays before the year 2243

/// The bytes of a record, read as numbers of its byte order.
class Fields {
 public:
  Fields(std::string_view bytes, bool big_endian)
      : bytes_(bytes), swap_(big_endian != (std::endian::native == std::endian::big)) {}

  [[nodiscard]] uint8_t u8(size_t at) const { return static_cast<uint8_t>(bytes_[at]); }
  [[nodiscard]] uint16_t u16(size_t at) const {
    uint16_t v = 0;
    std::memcpy(&v, bytes_.data() + at, sizeof v);
    return swap_ ? __builtin_bswap16(v) : v;
  }
  [[nodiscard]] uint32_t u32(size_t at) const {
    uint32_t v = 0;
    std::memcpy(&v, bytes_.data() + at, sizeof v);
    return swap_ ? __builtin_bswap32(v) : v;
  }
  [[nodiscard]] Comp comp(size_t at) const { return Comp{u16(at)}; }
  [[nodiscard]] std::string_view name(size_t at, size_t size) const {
    const std::string_view field = bytes_.substr(at, size);
    return field.substr(0, field.find('\0'));
  }

 private:
  std::string_view bytes_;
  bool swap_;
};

void read_version3(const Fields& in, Record& record) {
  record.tty = in.u16(2);
  record.exit_status = in.u32(4);
  record.uid = in.u32(8);
  record.gid = in.u32(12);
  record.pid = in.u32(16);
  record.parent = in.u32(20);
  record.begin = in.u32(24);
  record.elapsed_bits = in.u32(28);
  record.elapsed = static_cast<double>(std::bit_cast<float>(record.elapsed_bits));
  record.user = in.comp(32);
  record.system = in.comp(34);
  record.memory = in.comp(36);
  record.io = in.comp(38);
  record.rw = in.comp(40);
  record.minor_faults = in.comp(42);
  record.major_faults = in.comp(44);
  record.swaps = in.comp(46);
  record.name = in.name(48, 16);
  record.ahz = kTicksOfVersion3;
}

/// What versions 0, 1 and 2 have in common: all up to ac_swaps.
void read_old_head(const Fields& in, Record& record) {
  record.uid = in.u16(2);
  record.gid = in.u16(4);
  record.tty = in.u16(6);
  record.begin = in.u32(8);
  record.user = in.comp(12);
  record.system = in.comp(14);
  record.elapsed_comp = in.comp(16);
  record.elapsed_bits = record.elapsed_comp.bits;
  record.elapsed = static_cast<double>(record.elapsed_comp.value());
  record.memory = in.comp(18);
  record.io = in.comp(20);
  record.rw = in.comp(22);
  record.minor_faults = in.comp(24);
  record.major_faults = in.comp(26);
  record.swaps = in.comp(28);
}

/// ac_etime_hi, ac_etime_lo, ac_uid, ac_gid: the end of versions 1 and 2, from `at`.
void read_old_tail(const Fields& in, size_t at, Record& record) {
  record.elapsed_bits = (uint32_t{in.u8(at)} << 16) | in.u16(at + 1);
  record.elapsed = static_cast<double>(Comp2{record.elapsed_bits}.value());
  record.uid = in.u32(at + 3);
  record.gid = in.u32(at + 7);
}

}  // namespace

std::optional<Record> decode(std::string_view bytes, uint16_t ahz) {
  const std::optional<size_t> size = record_size(bytes);
  if (!size || bytes.size() != *size) return std::nullopt;
  Record record;
  const auto version_byte = static_cast<uint8_t>(bytes[1]);
  record.version = static_cast<uint8_t>(version_byte & ~kBigEndianBit);
  // Version 0 had no byte order bit: without it the bytes are in the order of this host.
  const bool own_order = version_byte == 0;
  record.big_endian = own_order ? std::endian::native == std::endian::big : (version_byte & kBigEndianBit) != 0;
  record.flags = static_cast<uint8_t>(bytes[0]);
  const Fields in(bytes, record.big_endian);
  if (record.version >= 3) {
    read_version3(in, record);
    return record;
  }
  read_old_head(in, record);
  record.ahz = record.version == 2 && in.u16(30) != 0 ? in.u16(30) : ahz;
  // Version 1 is packed to two bytes, the others have ac_ahz or padding before ac_exitcode.
  const size_t exit_at = record.version == 1 ? 30 : 32;
  record.exit_status = in.u32(exit_at);
  record.name = in.name(exit_at + 4, 17);
  if (record.version != 0) read_old_tail(in, exit_at + 21, record);
  return record;
}

Nanos ticks_to_nanos(uint64_t ticks, uint16_t ahz) {
  constexpr uint64_t kTicksMax = UINT64_MAX / kSecond;
  if (ahz == 0) ahz = 1;
  if (ticks > kTicksMax) return INT64_MAX;
  const uint64_t nanos = ticks * kSecond / ahz;
  return nanos > INT64_MAX ? INT64_MAX : static_cast<Nanos>(nanos);
}

std::optional<Nanos> elapsed_nanos(const Record& record) {
  const double seconds = record.elapsed / record.ahz;
  if (!std::isfinite(seconds) || std::signbit(seconds) || seconds > kElapsedSecondsMax) return std::nullopt;
  return static_cast<Nanos>(std::llround(record.elapsed * (static_cast<double>(kSecond) / record.ahz)));
}

}  // namespace acta::accounting
