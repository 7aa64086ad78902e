#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "queue/queue.h"
#include "spool/recovery.h"
#include "spool/segment.h"

namespace acta {

/// How the disk queue keeps documents. What each `sync` promises stands in docs/delivery.md.
struct DiskOptions {
  enum class Sync : uint8_t {
    interval,  ///< whoever calls sync() regularly: a crash of the host costs nothing that an input had been told to
               ///< forget
    always,    ///< every append
    never      ///< left to the kernel: safe against a crash of the agent, not of the host
  };
  enum class WhenFull : uint8_t { block, drop_oldest };

  std::string directory;
  uint64_t bytes_max = uint64_t{10} << 30;
  uint64_t segment_bytes = spool::kSegmentBytesMax;
  uint64_t reserve_bytes = uint64_t{64} << 20;  ///< left free on the file system
  Nanos age_max = 0;                            ///< older documents are given up, in whole segments; 0: never
  Sync sync = Sync::interval;
  WhenFull when_full = WhenFull::block;
  int level = 1;                      ///< of zstd; 0: none
  std::string key;                    ///< 32 bytes: encrypted; empty: not
  bool new_output_at_newest = false;  ///< where an output begins that the spool does not know
  Nanos removed_output_grace =
      24 * 3600 * kSecond;  ///< how long a reader that is not configured any more holds documents back
};

/// The queue on disk: src/spool/FORMAT.md. What is safe survives the crash of agent and host (see Sync).
///
/// One thread appends; sync() and retire() belong to one other (or the same); each Reader to one; the rest any. Readers
/// that keep up are served from memory (kTailBytes), others from the files. Memory does not grow with what is waiting.
class DiskQueue final : public Queue {
 public:
  /// So many bytes written and not synced call for a sync before its time.
  static constexpr uint64_t kSyncBytes = uint64_t{8} << 20;

  /// What happened to documents that no reader will get, and to files.
  /// Documents are counted once, however many outputs miss them; for one output see Reader::missed().
  struct Counts {
    std::atomic<uint64_t> lost{0};     ///< documents in damaged or missing parts, as far as found
    std::atomic<uint64_t> dropped{0};  ///< documents that drop_oldest gave up and an output had not read
    std::atomic<uint64_t> expired{0};  ///< the same by age
    std::atomic<uint64_t> syncs{0};
    std::atomic<uint64_t> bytes{0};  ///< gauge: of all segments
    std::atomic<uint64_t> frames{0};
  };

  /// Takes the lock, recovers. Errors say what to do; nothing has been overwritten then. `fs` and `clock` outlive the
  /// queue.
  static Result<std::unique_ptr<DiskQueue>> open(Fs& fs, const Clock& clock, DiskOptions options);
  ~DiskQueue() override;
  DiskQueue(const DiskQueue&) = delete;
  DiskQueue& operator=(const DiskQueue&) = delete;

  Result<Offset> append(Batch&& batch) override;
  void wait_for_room(Nanos wait) override;
  /// Makes what was appended safe, saves the readers' offsets, removes what all have passed. After a failed fdatasync
  /// nothing more is promised: the queue refuses to go on (Errc::io), and a restart reads again what was not safe.
  Result<> sync() override;
  void on_sync_wanted(std::function<void()> wanted) override { sync_wanted_ = std::move(wanted); }
  [[nodiscard]] Offset safe() const override;
  [[nodiscard]] Offset end() const override;
  Result<std::unique_ptr<Reader>> reader(const std::string& name) override;
  std::vector<Loss> take_losses() override;
  void close() override;

  [[nodiscard]] const Counts& counts() const { return counts_; }
  [[nodiscard]] const spool::Recovered& recovered() const { return recovered_; }

 private:
  class DiskReader;
  friend class DiskReader;
  struct Mark {
    Offset committed = 0;
    Offset durable = 0;       // what the reader file says
    Offset position = 0;      // of the next document to read
    Missed missed;            // since the Reader was made
    bool configured = false;  // an output of that name is there
    bool taken = false;
    Nanos seen = 0;  // when it was configured last, as its file says; 0: the file is to be written
  };
  /// The segment that holds an offset, and the offset where it or the gap ends.
  struct Place {
    bool found = false;
    Offset first = 0;
    Offset end = 0;
    Offset log_end = 0;
  };

  DiskQueue(Fs& fs, const Clock& clock, DiskOptions options);
  Result<> recover();
  [[nodiscard]] Result<> check_directory() const;
  Result<> roll();
  [[nodiscard]] bool roll_is_due(size_t frame_bytes);
  Result<> write(const Batch& batch);
  Result<Offset> refuse(const Error& error);
  void say_room();
  [[nodiscard]] bool room_for(uint64_t bytes);
  bool give_up_oldest_locked(LossReason reason);
  uint64_t pass_locked(const std::string& name, Mark& mark, Offset upto, LossReason reason, Nanos at);
  void lose_locked(Loss loss);
  uint64_t note_lost_locked(Offset from, Offset to);
  [[nodiscard]] Place place_of_locked(Offset at) const;
  void remember(Batch&& batch, Offset first);
  Result<> sync_segments();
  Result<> sync_files(const std::vector<std::shared_ptr<spool::SegmentWriter>>& writers, bool directory);
  [[nodiscard]] bool is_segment(Offset first) const;
  void note_synced(Offset upto);
  bool save_readers();
  Result<> save_reader(const std::string& name, Offset committed);
  void retire(std::vector<spool::SegmentInfo> gone);
  void forget_removed_readers();
  std::vector<spool::SegmentInfo> expire();
  [[nodiscard]] Offset floor_locked() const;
  std::string path(std::string_view name) const { return options_.directory + "/" + std::string(name); }

  Fs& fs_;
  const Clock& clock_;
  const DiskOptions options_;
  std::unique_ptr<FileLock> lock_;
  spool::Recovered recovered_;
  Counts counts_;

  // Of the appending thread.
  std::shared_ptr<spool::SegmentWriter> writer_;  // shared with sync(), which may run at the same time
  Nanos begun_ = 0;                               // the writer's segment
  std::function<void()> sync_wanted_;
  std::string leftover_;                          // a file that roll() made and could not remove
  bool said_full_ = false;
  Nanos refused_at_ = INT64_MIN;

  std::mutex sync_mutex_;              // one sync at a time
  std::unique_ptr<File> synced_file_;  // under it
  bool said_unsaved_ = false;          // likewise
  mutable std::mutex mutex_;
  std::condition_variable appended_;
  std::condition_variable freed_;
  std::deque<spool::SegmentInfo> segments_;  // ascending; the last one is the writer's, if it has one
  std::vector<std::shared_ptr<spool::SegmentWriter>> unsynced_;  // shared: see writer_
  bool directory_unsynced_ = false;
  uint64_t unsynced_bytes_ = 0;
  std::deque<Span> tail_;  // the newest batches
  size_t tail_bytes_ = 0;
  std::map<std::string, Mark> marks_;  // addresses are stable
  std::map<Offset, Offset> lost_;      // ranges known to be lost, so that a second reader does not count them again
  std::vector<spool::Range> unused_;   // offsets that no document has, ascending
  std::vector<Loss> losses_;           // not taken yet; at most one per output and reason
  std::vector<spool::SegmentInfo> given_up_;  // files to remove
  uint64_t given_up_bytes_ = 0;               // of files that are not removed yet
  Offset end_ = 0;
  Offset synced_ = 0;
  bool failed_ = false;  // an fdatasync failed
  bool closed_ = false;
};

}  // namespace acta
