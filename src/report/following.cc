#include "report/following.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

namespace acta::report {

Following::Following(bool on, const Clock& clock, std::function<void()> settle)
    : clock_(clock), settle_(std::move(settle)) {
  if (!on) return;
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC));
}

Result<bool> Following::next(Reading& reading, Document& document) {
  if (!signals_) return reading.next(document);
  for (;;) {
    const auto more = reading.next(document);
    if (!more) return more;
    if (*more && waiting_since_ < 0) waiting_since_ = clock_.monotonic();
    const bool look = settle_if_due() || !*more;  // for a signal: not at every document
    if (look && is_stopped_within(*more ? 0 : kRound)) return false;
    if (*more) return true;
  }
}

bool Following::settle_if_due() {
  if (waiting_since_ < 0 || clock_.monotonic() - waiting_since_ < kSettle) return false;
  settle_();
  waiting_since_ = -1;
  return true;
}

bool Following::is_stopped_within(Nanos time) const {
  pollfd wait{.fd = signals_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&wait, 1, static_cast<int>(time / kMillisecond)) > 0;
}

}  // namespace acta::report
