#pragma once
#include <functional>

namespace acta::test {

/// Status of a child that found that the machine does not allow what it needs; the test is to be skipped, loudly.
inline constexpr int kNotAllowed = 77;

/// Runs `body` in a child with a mount namespace of its own, which goes with it. Returns its result, kNotAllowed where
/// that needs rights that we do not have, or -1 when it crashed.
int in_mount_namespace(const std::function<int()>& body);

/// Mounts an empty file system in memory, of at most so many bytes, for a child of the above.
bool mount_small_disk(const char* directory, const char* options);
/// Makes it read-only, or writable again.
bool remount(const char* directory, bool read_only);

}  // namespace acta::test
