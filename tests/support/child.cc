#include "support/child.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace acta::test {

Child::Child(const std::vector<std::string>& arguments, const std::string& output) {
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ != 0) return;
  const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::execv(words[0], words.data());
  ::_exit(127);
}

Child::~Child() {
  if (pid_ <= 0 || ended_) return;
  ::kill(pid_, SIGKILL);
  wait();
}

void Child::kill(int signal) const {
  ::kill(pid_, signal);
}

int Child::wait() {
  while (!ended_) {
    int status = 0;
    if (::waitpid(pid_, &status, 0) == pid_) {
      ended_ = true;
      status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else if (errno != EINTR) {
      return -1;
    }
  }
  return status_;
}

bool Child::ended_within(int milliseconds) {
  for (int waited = 0; !ended_; ++waited) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      ended_ = true;
      status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else if (waited >= milliseconds) {
      return false;
    } else {
      ::usleep(1000);
    }
  }
  return true;
}

}  // namespace acta::test
