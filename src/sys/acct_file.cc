#include "sys/acct_file.h"

#include <algorithm>
#include <cstdint>

namespace acta::accounting {
namespace {

constexpr uint8_t kVersionBits = 0x7f;
constexpr uint8_t kFlagsKnown = 0x3f;  // AFORK ASU ACOMPAT ACORE AXSIG AGROUP

struct NameField {
  size_t at;
  size_t size;
};

/// Where the command name lies, by version.
constexpr NameField kNames[] = {{36, 17}, {34, 17}, {36, 17}, {48, 16}, {48, 16}};
constexpr size_t kVersions = std::size(kNames);

uint8_t byte_at(std::string_view bytes, size_t i) {
  return static_cast<uint8_t>(bytes[i]);
}

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

/// At least one NUL at the end, and nothing but NULs after the first one.
bool is_filled_name(std::string_view field) {
  const size_t end = field.find('\0');
  return end != std::string_view::npos && all_zero(field.substr(end));
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

bool is_record(std::string_view bytes) {
  const std::optional<size_t> size = record_size(bytes);
  if (!size || bytes.size() < *size || (byte_at(bytes, 0) & ~kFlagsKnown) != 0) return false;
  const unsigned version = byte_at(bytes, 1) & kVersionBits;
  const NameField name = kNames[version];
  if (!is_filled_name(bytes.substr(name.at, name.size))) return false;
  // Version 0 is what a stretch of NULs would be: it has padding that is 0 and a start time that is not.
  return version != 0 ||
         (all_zero(bytes.substr(30, 2)) && all_zero(bytes.substr(53, 11)) && !all_zero(bytes.substr(8, 4)));
}

Cut cut(std::string_view bytes, bool last) {
  if (bytes.empty() || (bytes.size() < kRecordSizeMax && !last)) return {Cut::What::more, 0};
  const std::optional<size_t> size = record_size(bytes);
  if (is_record(bytes)) return {Cut::What::record, *size};
  const bool may_be_odd = size && (byte_at(bytes, 1) & kVersionBits) != 0;  // version 0 has nothing else to be known by
  const size_t piece_max = std::min(bytes.size(), kPieceSizeMax);
  for (size_t at = 1; at <= piece_max; ++at) {
    const std::string_view rest = bytes.substr(at);
    if (rest.empty() ? !last : (rest.size() < kRecordSizeMax && !last)) return {Cut::What::more, 0};
    if (!rest.empty() && !is_record(rest)) continue;
    // An odd one between others, or at the very end, is a record still: whoever wrote it did not fill up the name.
    return {may_be_odd && *size == at ? Cut::What::record : Cut::What::piece, at};
  }
  return {Cut::What::piece, piece_max};
}

}  // namespace acta::accounting
