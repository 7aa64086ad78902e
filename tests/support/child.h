#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

namespace acta::test {

/// A process started by a test; ended by its destructor if it still runs. One thread.
class Child {
 public:
  /// Starts `arguments[0]` with standard output and error into the file `output` (made anew).
  Child(const std::vector<std::string>& arguments, const std::string& output);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void kill(int signal) const;
  /// Waits for the end: the exit status, or 128 + the signal that ended it.
  int wait();
  /// True when it has ended within the time.
  bool ended_within(int milliseconds);
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

}  // namespace acta::test
