// Makes audit events at a steady rate, or as fast as it can, as a user of its own: each open(2) is an event of five
// records under a rule on that user. With every `exec_every`-th event a program is run besides.
//
//   audit_storm UID RATE SECONDS [EXEC_EVERY]     RATE 0: as fast as it goes
//
// Prints how many events it made, the rate it reached, and the longest that one call took.
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <string_view>

namespace {

using Clock = std::chrono::steady_clock;

long number(std::string_view text) {
  long value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool become(uid_t uid) {
  return setgroups(0, nullptr) == 0 && setgid(uid) == 0 && setuid(uid) == 0;
}

void run_program() {
  char* const arguments[] = {const_cast<char*>("/bin/true"), nullptr};
  char* const environment[] = {nullptr};
  pid_t pid = 0;
  if (posix_spawn(&pid, arguments[0], nullptr, nullptr, arguments, environment) == 0) waitpid(pid, nullptr, 0);
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || !become(static_cast<uid_t>(number(argv[1])))) {
    std::fprintf(stderr, "usage, as root: audit_storm UID RATE SECONDS [EXEC_EVERY]\n");
    return 2;
  }
  const auto rate = static_cast<double>(number(argv[2]));
  const auto seconds = static_cast<double>(number(argv[3]));
  const long exec_every = argc > 4 ? number(argv[4]) : 0;
  const auto start = Clock::now();
  long made = 0, executed = 0;
  double longest = 0;
  while (seconds_since(start) < seconds) {
    // In small bursts of a millisecond, as real programs come.
    const double due = rate == 0 ? static_cast<double>(made) + 100 : rate * seconds_since(start);
    while (static_cast<double>(made) < due) {
      const auto before = Clock::now();
      const int file = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
      longest = std::max(longest, seconds_since(before));
      if (file >= 0) close(file);
      ++made;
      if (exec_every != 0 && made % exec_every == 0) {
        run_program();
        ++executed;
      }
    }
    if (rate != 0) poll(nullptr, 0, 1);
  }
  const double took = seconds_since(start);
  std::printf("{\"opens\": %ld, \"execs\": %ld, \"rate\": %.0f, \"longest_ms\": %.1f}\n", made, executed,
              static_cast<double>(made) / took, longest * 1e3);
}
