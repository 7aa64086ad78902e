#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace acta::test {

/// Puts another descriptor, or none (-1), in the place of standard output until destroyed.
class StdoutTo {
 public:
  explicit StdoutTo(int fd) {
    std::fflush(stdout);
    saved_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
    if (fd >= 0) {
      ::dup2(fd, STDOUT_FILENO);
    } else {
      ::close(STDOUT_FILENO);
    }
  }
  ~StdoutTo() {
    ::dup2(saved_, STDOUT_FILENO);
    ::close(saved_);
  }
  StdoutTo(const StdoutTo&) = delete;
  StdoutTo& operator=(const StdoutTo&) = delete;

 private:
  int saved_;
};

}  // namespace acta::test
