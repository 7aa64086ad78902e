#include "config/permissions.h"

#include <fmt/format.h>

namespace acta::config {
namespace {
constexpr uint32_t kWritableByOthers = 022;
constexpr uint32_t kPermissionBits = 07777;
constexpr const char* kWayOut = "or pass --strict.perms=false";
}  // namespace

Result<> check_permissions(const std::string& path, const FileStat& stat, uint32_t uid) {
  if (stat.uid != 0 && stat.uid != uid) {
    return fail(
        Errc::denied,
        fmt::format("{} belongs to user {}: it must belong to root or to the user who runs this ({}); chown it, {}",
                    path, stat.uid, uid, kWayOut));
  }
  if ((stat.mode & kWritableByOthers) != 0) {
    return fail(Errc::denied, fmt::format("{} may be written by others than its owner (mode {:04o}); chmod go-w {}, {}",
                                          path, stat.mode & kPermissionBits, path, kWayOut));
  }
  return {};
}

}  // namespace acta::config
