#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "event/raw.h"
#include "sys/audit/control.h"
#include "sys/audit/reader.h"
#include "sys/audit/rule_set.h"
#include "sys/audit/saved_state.h"
#include "sys/audit/socket.h"

namespace acta::kaudit {

/// Settings of a Session. Absent kernel settings stay as they are found.
struct SessionOptions {
  enum class Choice : uint8_t {
    unicast,
    multicast,
    automatic  ///< unicast unless another process is the audit daemon
  };
  Choice choice = Choice::automatic;
  size_t receive_buffer = 0;  ///< bytes of the socket
  RecordRing::Limits ring{};  ///< of records that wait in the agent
  std::optional<uint32_t> backlog_limit{}, rate_limit{}, failure{},
      wait_time{};         ///< as auditctl -b, -r, -f, --backlog_wait_time
  bool immutable = false;  ///< rules and settings are locked until the next boot, after all is set
  bool restore = true;     ///< at the end, put back what was found
  std::vector<std::string> rule_files;
  std::string rules;         ///< inline
  bool replace = false;      ///< take away rules that are not ours
  bool strict = false;       ///< one bad rule: none is loaded
  bool exclude_self = true;  ///< this process's own calls are no events
  Nanos verify_every = 0;    ///< of the rules; 0: never
  bool keep_original = false;
  std::string state_directory;  ///< for SavedState
};

/// The seams of a session: what tests put in place of the kernel.
struct SessionKernel {
  std::function<Result<std::unique_ptr<Control>>()> control = open_control;
  std::function<Result<std::unique_ptr<FrameSource>>(const SocketOptions&)> stream = open_stream;
};

/// What a session has met, since start, beside what its reader has.
struct SessionCounts {
  uint64_t kernel_lost = 0;  ///< by how much audit_status.lost grew
  uint64_t rules_put_back = 0;
  Status status;  ///< as seen last
  bool active = false;
};

/// Live audit: finds what the kernel has, saves it, sets what is configured, reads the stream (Reader, a thread of its
/// own), watches what the kernel counts as lost and that its rules stay, and puts back what it found.
///
/// It has a thread of its own for all that is asked of the kernel: a request may be held by the kernel for its backlog
/// wait time, and neither the reader nor the collector may wait. Trouble (no right, another daemon, no audit) is said
/// with the way out and tried again every kRetry; it never ends anything else. take() is for one other thread. step()
/// is one bounded round, for tests.
class Session {
 public:
  static constexpr Nanos kRetry = 10 * kSecond;
  static constexpr Nanos kPoll = kSecond / 2;

  Session(SessionOptions options, const Clock& clock, Fs& fs, SessionKernel kernel = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Begins, with items of `source` and positions of `run`.
  void start(uint16_t source, uint64_t run);
  /// Stops: what was found is put back, what was read can still be taken.
  void stop();
  /// A round of the session's thread.
  void step();
  /// Reads the rule files again, at the next round.
  void reload() { reload_.store(true, std::memory_order_relaxed); }

  /// Moves a part of what was read, and what is known to be lost, to the batch. True when there is more.
  bool take(RawBatch& batch);
  /// Readable when take() has something.
  [[nodiscard]] int fd() const { return ring_.poll_fd(); }
  /// Records with serials up to this one are safe.
  void appended(uint32_t serial) { safe_serial_.store(serial, std::memory_order_relaxed); }
  [[nodiscard]] SessionCounts counts() const;
  [[nodiscard]] const ReaderCounts& read_counts() const { return read_counts_; }
  [[nodiscard]] RecordRing::Counts ring_counts() const { return ring_.counts(); }

 private:
  void run();
  Result<> begin();
  [[nodiscard]] Result<Way> choose(const Status& found) const;
  Result<> read_stream(const Status& status);
  void load(const Status& found, const RuleScript& script);
  Result<> remember(const Status& found);
  Result<> change_settings(const Status& found, Way way, const RuleScript& script);
  Result<> apply_rules(const RuleScript& script, bool again);
  void undo_rules(const Found& found);
  void put_back();
  void end();
  void watch();
  void watch_lost(const Status& status);
  void compare_with_last(const Status& status);
  void save_appended();
  void say(std::string_view type, std::string_view text);
  void lose(LossReason reason, uint64_t count, bool at_least, Nanos from, std::vector<SerialRange> serials);
  void trouble(const Error& error);
  void set_active(bool active);
  [[nodiscard]] RuleScript wanted() const;

  const SessionOptions options_;
  const Clock& clock_;
  const SessionKernel kernel_;
  SavedState saved_;
  const std::string boot_;
  RecordRing ring_;
  RecordRing::Place place_;
  Origin origin_;

  std::unique_ptr<Control> control_;
  std::unique_ptr<Reader> reader_;
  Way way_ = Way::unicast;
  bool may_ask_ = true;  // false: a listener without CAP_AUDIT_CONTROL
  std::optional<Found> found_;
  RuleScript script_;
  Status status_;
  std::optional<Appended> before_;  // of the last start, until the first record has come
  Nanos next_try_ = 0, next_verify_ = 0, polled_at_ = 0;
  uint32_t serial_said_ = 0;  // of our own records
  std::string last_trouble_;
  Appended last_saved_;

  mutable std::mutex mutex_;  // of what other threads see
  std::vector<Loss> losses_;
  SessionCounts counts_;
  ReaderCounts read_counts_;
  std::atomic<bool> reload_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<uint32_t> safe_serial_{0};
  Fd stop_;
  std::thread thread_;
};

}  // namespace acta::kaudit
