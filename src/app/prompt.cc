#include "app/prompt.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "sys/fd.h"

namespace acta {
namespace {

constexpr char kInterrupt = 3;  // Ctrl-C

/// A terminal that shows nothing and sends no signals, until destroyed: Ctrl-C is read as a byte, so that it cannot end
/// us with the echo off.
class Silenced {
 public:
  explicit Silenced(int fd) : fd_(fd), good_(::tcgetattr(fd, &saved_) == 0) {
    if (!good_) return;
    termios silent = saved_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    silent.c_cc[VEOL] = kInterrupt;  // ends a line, so that it arrives at once
    good_ = ::tcsetattr(fd, TCSAFLUSH, &silent) == 0;
  }
  ~Silenced() {
    if (good_) ::tcsetattr(fd_, TCSAFLUSH, &saved_);
  }
  Silenced(const Silenced&) = delete;
  Silenced& operator=(const Silenced&) = delete;
  [[nodiscard]] bool good() const { return good_; }

 private:
  const int fd_;
  termios saved_{};
  bool good_;
};

}  // namespace

Result<std::string> ask_for_secret(const std::string& question) {
  const Fd tty(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (tty.get() < 0)
    return fail(Errc::unsupported, "there is no terminal to ask for the secret on; give it with --stdin");
  std::string line;
  bool closed = false;
  {
    const Silenced silenced(tty.get());
    if (!silenced.good()) return fail_errno("the terminal's echo cannot be turned off", errno);
    if (::write(tty.get(), question.data(), question.size()) < 0) return fail_errno("/dev/tty", errno);
    char c = 0;
    while (true) {
      const ssize_t n = ::read(tty.get(), &c, 1);
      if (n < 0 && errno == EINTR) continue;
      closed = n <= 0 || c == kInterrupt;
      if (closed || c == '\n') break;
      line += c;
    }
  }
  static_cast<void>(!::write(tty.get(), "\n", 1));
  if (closed) return fail(Errc::closed, "no secret was given");
  return line;
}

Result<std::string> read_secret_from_stdin(size_t bytes_max) {
  std::string text(bytes_max + 3, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = ::read(STDIN_FILENO, text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("standard input", errno);
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  text.resize(size);
  if (text.ends_with('\n')) {
    text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
  }
  if (text.size() > bytes_max)
    return fail(Errc::config, "the secret is longer than " + std::to_string(bytes_max) + " bytes");
  return text;
}

}  // namespace acta
