#include "sys/audit/reader.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "sys/privileges.h"

namespace acta::kaudit {
namespace {

constexpr std::string_view kComponent = "audit_netlink";
// After a round that had something the reader lets the socket gather a little: a wake-up for each record would cost
// more than the record. The receive buffer holds many times what comes meanwhile.
constexpr int kGatherMs = 4;
constexpr int kIdleMs = 250;
constexpr int kCallsAtOnce = 64;     // receive() in one round
constexpr int kRoundsAtEnd = 4096;   // of what the socket still has
constexpr size_t kMissingMax = 256;  // ranges that nobody has asked for

void count(std::atomic<uint64_t>& counter, uint64_t n) {
  counter.fetch_add(n, std::memory_order_relaxed);
}

}  // namespace

Reader::Reader(std::unique_ptr<FrameSource> source, const Options& options, RecordRing& ring, ReaderCounts& counts,
               const Clock& clock)
    : source_(std::move(source)),
      options_(options),
      ring_(ring),
      counts_(counts),
      clock_(clock),
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK(stop_);
}

Reader::~Reader() {
  stop();
}

void Reader::start() {
  thread_ = std::thread([this] {
    static_cast<void>(boost_thread());  // the kernel waits for nobody: where it is not allowed, late reading is a loss
    run();
  });
}

void Reader::stop() {
  stopping_.store(true, std::memory_order_release);
  const uint64_t one = 1;
  static_cast<void>(!::write(stop_.get(), &one, sizeof one));  // fails when it is full, and readable anyway
  if (thread_.joinable()) thread_.join();
}

// Body of the reading thread.
void Reader::run() {
  while (!stopping_.load(std::memory_order_acquire) && !source_->at_end() && !ended()) {
    const bool some = step();
    pollfd waited[] = {{.fd = stop_.get(), .events = POLLIN, .revents = 0},
                       {.fd = source_->fd(), .events = POLLIN, .revents = 0}};
    ::poll(waited, some ? 1 : 2, some ? kGatherMs : kIdleMs);
  }
  source_->leave();
  for (int i = 0; i < kRoundsAtEnd && step(); ++i) {
  }
  ended_.store(true, std::memory_order_release);
}

bool Reader::step() {
  const Nanos now = clock_.monotonic();
  wall_ = clock_.realtime();
  bool some = false;
  bool full = true;
  for (int i = 0; full && i < kCallsAtOnce; ++i) {
    auto received = source_->receive();
    if (!received) {
      log::error(kComponent, received.error().what);
      ended_.store(true, std::memory_order_release);
      return false;
    }
    if (received->overrun) {
      count(counts_.overruns, 1);
      ring_.lost({.reason = LossReason::socket_overrun, .count = 0, .at_least = true, .from = wall_, .to = wall_});
    }
    for (const Datagram& datagram : received->datagrams) take(datagram, now);
    some = some || !received->datagrams.empty();
    full = received->full;
  }
  if (has_said_.exchange(false, std::memory_order_acq_rel)) push_said(now);
  watch_serials(now);
  ring_.tell();
  return some;
}

void Reader::take(const Datagram& datagram, Nanos now) {
  if (datagram.is_line) return take_line(datagram.bytes, now);
  if (datagram.port != 0) return count(counts_.foreign, 1);
  const Frame frame = read_frame(datagram.bytes);
  if (datagram.truncated) count(counts_.truncated, 1);
  if (frame.kind == Frame::Kind::record) return take_record(frame, now);
  if (frame.kind != Frame::Kind::replace || frame.text.size() < sizeof(uint32_t)) return;
  uint32_t pid = 0;
  std::copy_n(frame.text.data(), sizeof pid, reinterpret_cast<char*>(&pid));
  rival_.store(pid, std::memory_order_relaxed);
}

void Reader::take_record(const Frame& frame, Nanos now) {
  line_.assign(record_head(frame.type)).append(frame.text);
  push(line_, serial_of(frame.text), now);
}

// Serials of DAEMON_* records are auditd's own.
void Reader::take_line(std::string_view line, Nanos now) {
  push(line, line.find("type=DAEMON_") == std::string_view::npos ? serial_of(line) : 0, now);
}

void Reader::push(std::string_view line, uint32_t serial, Nanos now) {
  count(counts_.records, 1);
  count(counts_.bytes, line.size());
  if (serial != 0) serials_.see(serial, now);
  ring_.push(line, serial, wall_);
}

void Reader::say(std::string line) {
  const std::lock_guard lock(mutex_);
  said_.push_back(std::move(line));
  has_said_.store(true, std::memory_order_release);
}

void Reader::push_said(Nanos now) {
  std::vector<std::string> lines;
  {
    const std::lock_guard lock(mutex_);
    lines.swap(said_);
  }
  for (const std::string& line : lines) push(line, 0, now);
}

void Reader::watch_serials(Nanos now) {
  first_serial_.store(serials_.first(), std::memory_order_relaxed);
  const std::vector<SerialRange> missing = serials_.missing(now);
  if (missing.empty()) return;
  const uint64_t serials = count_of(missing);
  count(counts_.gap_serials, serials);
  if (options_.exact) {
    const std::lock_guard lock(mutex_);
    if (missing_.size() < kMissingMax) missing_.insert(missing_.end(), missing.begin(), missing.end());
    return;
  }
  Loss loss{.reason = LossReason::serial_gap, .count = serials, .at_least = true, .from = wall_, .to = wall_};
  for (const SerialRange& range : missing) loss.add_serials(range);
  ring_.lost(loss);
}

std::vector<SerialRange> Reader::take_missing() {
  const std::lock_guard lock(mutex_);
  return std::exchange(missing_, {});
}

}  // namespace acta::kaudit
