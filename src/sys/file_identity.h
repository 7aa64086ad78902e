#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace acta {

/// What a file is known by beside inode and offset: inodes are reused at once, and names move.
enum class IdentityRule : uint8_t {
  first_line,     ///< its first line, up to 1 KiB of it (logs of lines)
  first_64_bytes  ///< its first 64 bytes (accounting files)
};

/// Bytes at the start of a file that its identity may depend on.
inline constexpr size_t kIdentityBytes = 1024;

/// A file's identity: XXH3-64 as 16 hexadecimal digits, or empty while the file is too short to have one (no whole
/// first line, no 64 bytes). `head` is the start of the file: kIdentityBytes, or all of it.
std::string fingerprint(IdentityRule rule, std::string_view head);

/// The identity of a file that ended before it had one: "~" and the hash of all of it. It is another one as soon as the
/// file grows. Empty for an empty file.
std::string provisional_fingerprint(std::string_view head);

}  // namespace acta
