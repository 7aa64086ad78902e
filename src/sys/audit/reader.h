#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "sys/audit/frame.h"
#include "sys/audit/serials.h"
#include "sys/audit/socket.h"
#include "sys/record_ring.h"

namespace acta::kaudit {

/// What readers of an input have met, since its start. Counters only grow; any thread may read them.
struct ReaderCounts {
  std::atomic<uint64_t> records{0};      ///< read
  std::atomic<uint64_t> bytes{0};        ///< of them, as lines
  std::atomic<uint64_t> foreign{0};      ///< datagrams that are not the kernel's: dropped
  std::atomic<uint64_t> truncated{0};    ///< records longer than any may be: given as they are, without their end
  std::atomic<uint64_t> overruns{0};     ///< ENOBUFS
  std::atomic<uint64_t> gap_serials{0};  ///< serials that never came
};

/// Reads the audit stream into a ring of lines as auditd would write them, `type=NAME msg=audit(…): …`, EOE too. A
/// thread of its own, which waits for nothing but the socket: what the ring has no room for is dropped and told by the
/// ring. step() is one bounded round of it, for tests.
class Reader {
 public:
  struct Options {
    bool exact = false;  ///< the kernel counts every loss (unicast): gaps of serials are evidence only
  };

  /// `ring`, `counts` and `clock` outlive it. It is the one that pushes.
  Reader(std::unique_ptr<FrameSource> source, const Options& options, RecordRing& ring, ReaderCounts& counts,
         const Clock& clock);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void start();
  /// Leaves the kernel, reads what is there still, ends the thread.
  void stop();
  /// One round: reads what is there, at most some thousand records. False when nothing was.
  bool step();

  /// Adds a record of the agent's own, as a line, to what was read so far. Any thread; given out by the next step().
  void say(std::string line);
  /// The source has no more to give, or failed. Any thread.
  [[nodiscard]] bool ended() const { return ended_.load(std::memory_order_acquire); }
  /// Serials that never came, since the last call; with `exact`, else they are in the ring as losses. Any thread.
  std::vector<SerialRange> take_missing();
  /// The first serial read so far; 0: none. Any thread.
  [[nodiscard]] uint32_t first_serial() const { return first_serial_.load(std::memory_order_relaxed); }
  /// The pid of the last process that wanted to be the audit daemon in our place, once; 0: none. Any thread.
  uint32_t take_rival() { return rival_.exchange(0, std::memory_order_relaxed); }

 private:
  void run();
  void take(const Datagram& datagram, Nanos now);
  void take_record(const Frame& frame, Nanos now);
  void take_line(std::string_view line, Nanos now);
  void push(std::string_view line, uint32_t serial, Nanos now);
  void push_said(Nanos now);
  void watch_serials(Nanos now);

  const std::unique_ptr<FrameSource> source_;
  const Options options_;
  RecordRing& ring_;
  ReaderCounts& counts_;
  const Clock& clock_;

  // The reading thread's own.
  Serials serials_;
  std::string line_;
  Nanos wall_ = 0;  // real time of this round

  std::atomic<uint32_t> first_serial_{0}, rival_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> ended_{false};
  std::atomic<bool> has_said_{false};
  Fd stop_;
  std::thread thread_;

  std::mutex mutex_;  // of what follows; held for a few instructions
  std::vector<SerialRange> missing_;
  std::vector<std::string> said_;
};

}  // namespace acta::kaudit
