#include "sys/acct_file.h"

#include <algorithm>
#include <cstdint>

namespace acta::accounting {
namespace {

constexpr uint8_t kVersionBits = 0x7f;
constexpr uint8_t kFlagsKnown = 0x3f;  // AFORK ASU ACOMPAT ACORE AXSIG AGROUP

/// Where the start time and the command name lie, by version.
struct Layout {
  size_t begin;
  size_t name;
  size_t name_size;
};
constexpr Layout kLayouts[] = {{8, 36, 17}, {8, 34, 17}, {8, 36, 17}, {24, 48, 16}, {24, 48, 16}};
constexpr size_t kVersions = std::size(kLayouts);

uint8_t byte_at(std::string_view bytes, size_t i) {
  return static_cast<uint8_t>(bytes[i]);
}

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

/// Version 3: the process and its parent have ids that Linux gives (the parent can be 0), and the exit status is one of
/// wait(2).
bool is_likely_version3(std::string_view bytes) {
  constexpr uint32_t kPidMax = 4u << 20;  // PID_MAX_LIMIT
  constexpr uint32_t kExitStatusMax = 0xffff;
  const bool big_endian = (byte_at(bytes, 1) & ~kVersionBits) != 0;
  const auto number = [&](size_t at) {
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i) value = (value << 8) | byte_at(bytes, big_endian ? at + i : at + 3 - i);
    return value;
  };
  const uint32_t pid = number(16);
  return pid != 0 && pid <= kPidMax && number(20) <= kPidMax && number(4) <= kExitStatusMax;
}

}  // namespace

std::optional<size_t> record_size(std::string_view bytes) {
  constexpr size_t kSizeOfVersion1 = 62;
  if (bytes.size() < 2) return std::nullopt;
  const unsigned version = byte_at(bytes, 1) & kVersionBits;
  if (version >= kVersions) return std::nullopt;
  if (version != 1) return kRecordSizeMax;
  // The byte at 63 is the version of a record that follows directly, which is not 0.
  const bool padded = bytes.size() >= kRecordSizeMax && all_zero(bytes.substr(kSizeOfVersion1, 2));
  return padded ? kRecordSizeMax : kSizeOfVersion1;
}

bool may_be_record(std::string_view bytes) {
  const std::optional<size_t> size = record_size(bytes);
  if (!size || bytes.size() < *size || (byte_at(bytes, 0) & ~kFlagsKnown) != 0) return false;
  const unsigned version = byte_at(bytes, 1) & kVersionBits;
  const Layout& layout = kLayouts[version];
  if (all_zero(bytes.substr(layout.begin, 4))) return false;
  const std::string_view name = bytes.substr(layout.name, layout.name_size);
  const size_t end = name.find('\0');
  if (end == std::string_view::npos || !all_zero(name.substr(end))) return false;
  return version != 0 || (all_zero(bytes.substr(30, 2)) && all_zero(bytes.substr(53, 11)));
}

bool is_record(std::string_view bytes) {
  if (!may_be_record(bytes)) return false;
  const unsigned version = byte_at(bytes, 1) & kVersionBits;
  const Layout& layout = kLayouts[version];
  if (version >= 3 && !is_likely_version3(bytes)) return false;
  const std::string_view name = bytes.substr(layout.name, layout.name_size);
  const size_t end = name.find('\0');
  const auto is_control = [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; };
  return end != 0 && std::none_of(name.begin(), name.begin() + static_cast<ptrdiff_t>(end), is_control);
}

namespace {

/// Whether what lies in bytes[0, size) can be records of `record` bytes each, up to the certain one at `size` or the
/// end.
bool may_be_records(std::string_view bytes, size_t size, size_t record) {
  if (size % record != 0) return false;
  for (size_t at = 0; at < size; at += record) {
    if (record_size(bytes.substr(at)) != record || !may_be_record(bytes.substr(at))) return false;
  }
  return true;
}

/// The cut where the next certain record, or the end, is `at` bytes away.
Cut cut_before(std::string_view bytes, size_t at) {
  const std::optional<size_t> size = record_size(bytes);
  if (size && may_be_records(bytes, at, *size)) return {Cut::What::record, *size};
  // One that is odd in itself but fits in between: whoever wrote it did not fill up the name. Version 0 has nothing
  // else to be known by.
  const bool odd = size && *size == at && (byte_at(bytes, 1) & kVersionBits) != 0;
  return {odd ? Cut::What::record : Cut::What::piece, at};
}

}  // namespace

Cut cut(std::string_view bytes, bool last) {
  if (bytes.empty() || (bytes.size() < kRecordSizeMax && !last)) return {Cut::What::more, 0};
  if (is_record(bytes)) return {Cut::What::record, *record_size(bytes)};
  const size_t piece_max = std::min(bytes.size(), kPieceSizeMax);
  for (size_t at = 1; at <= piece_max; ++at) {
    const std::string_view rest = bytes.substr(at);
    if (rest.size() < kRecordSizeMax && !last) return {Cut::What::more, 0};
    if (rest.empty() || is_record(rest)) return cut_before(bytes, at);
  }
  if (may_be_record(bytes)) return {Cut::What::record, *record_size(bytes)};
  return {Cut::What::piece, piece_max};
}

}  // namespace acta::accounting
