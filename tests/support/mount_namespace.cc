#include "support/mount_namespace.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

namespace acta::test {

int in_mount_namespace(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      ::_exit(kNotAllowed);
    ::_exit(body());
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

bool mount_small_disk(const char* directory, const char* options) {
  return ::mount("tmpfs", directory, "tmpfs", 0, options) == 0;
}

bool remount(const char* directory, bool read_only) {
  return ::mount("none", directory, nullptr, MS_REMOUNT | (read_only ? MS_RDONLY : 0), nullptr) == 0;
}

}  // namespace acta::test
