#include "sys/rotated_name.h"

#include <array>

namespace acta {
namespace {

constexpr std::array<std::string_view, 7> kCompressors = {".gz", ".xz", ".bz2", ".zst", ".lz4", ".lzma", ".Z"};
constexpr size_t kNumberDigitsMax = 9;
constexpr size_t kDateDigitsMin = 8;
constexpr size_t kDateDigitsMax = 14;  // YYYYMMDDHHMMSS

bool take_compressor(std::string_view& name) {
  for (const std::string_view suffix : kCompressors) {
    if (name.ends_with(suffix)) {
      name.remove_suffix(suffix.size());
      return true;
    }
  }
  return false;
}

/// Length of the digits at the end.
size_t digits_at_end(std::string_view name) {
  size_t n = 0;
  while (n < name.size() && name[name.size() - 1 - n] >= '0' && name[name.size() - 1 - n] <= '9') ++n;
  return n;
}

uint64_t to_number(std::string_view digits) {
  uint64_t number = 0;
  for (const char c : digits) number = number * 10 + static_cast<uint64_t>(c - '0');
  return number;
}

}  // namespace

RotatedName split_rotated_name(std::string_view name) {
  RotatedName split{.base = name, .suffix = {}};
  split.suffix.compressed = take_compressor(split.base);
  const size_t digits = digits_at_end(split.base);
  if (digits == 0 || digits + 1 >= split.base.size()) return split;
  const char mark = split.base[split.base.size() - digits - 1];
  const bool numbered = mark == '.' && digits <= kNumberDigitsMax;
  const bool dated = mark == '-' && digits >= kDateDigitsMin && digits <= kDateDigitsMax;
  if (!numbered && !dated) return split;
  split.suffix.kind = numbered ? RotationSuffix::Kind::numbered : RotationSuffix::Kind::dated;
  split.suffix.number = to_number(split.base.substr(split.base.size() - digits));
  split.base.remove_suffix(digits + 1);
  return split;
}

std::optional<RotationSuffix> parse_rotation_suffix(std::string_view suffix) {
  if (suffix.empty()) return RotationSuffix{};
  const std::string name = "x" + std::string(suffix);
  const RotatedName split = split_rotated_name(name);
  if (split.base != "x") return std::nullopt;
  return split.suffix;
}

}  // namespace acta
