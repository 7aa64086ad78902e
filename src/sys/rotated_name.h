#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace acta {

/// What rotation appended to a log's name: auditd and savelog(8) `.N`, logrotate(8) `.N` or with dateext `-YYYYMMDD`,
/// `-YYYYMMDDHH`,
/// `-SECONDS`; behind it perhaps the suffix of a compressor.
struct RotationSuffix {
  enum class Kind : uint8_t { dated, numbered, plain };  // in reading order
  Kind kind = Kind::plain;
  uint64_t number = 0;
  bool compressed = false;

  /// True when this one is read before the other: dated ones by date, then numbered ones from the largest number down,
  /// then the log itself.
  [[nodiscard]] bool older_than(const RotationSuffix& other) const {
    if (kind != other.kind) return kind < other.kind;
    return kind == Kind::numbered ? number > other.number : number < other.number;
  }
};

/// What comes after a log's name, "" for the log itself; nothing when rotation makes no such names.
std::optional<RotationSuffix> parse_rotation_suffix(std::string_view suffix);

struct RotatedName {
  std::string_view base;  ///< the log's name
  RotationSuffix suffix;
};
/// Takes the last suffix off a name. A name without one is its own base.
RotatedName split_rotated_name(std::string_view name);

}  // namespace acta
