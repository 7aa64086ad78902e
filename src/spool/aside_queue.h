#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/fs.h"
#include "queue/memory_queue.h"
#include "queue/queue.h"
#include "spool/disk_queue.h"

namespace acta {

/// The queue in memory that leaves nothing behind at a stop: set_aside() writes what outputs have not committed to a
/// spool of its own (FORMAT.md) in `directory`, and the next start gives it to them before anything new. Then inputs
/// may forget it.
///
/// Offsets: those of the spool first, [.., base), then base + those of the memory queue. While nothing is set aside,
/// base is 0 and no file is made. Threads as MemoryQueue; set_aside() when nothing is appended or committed any more.
class AsideQueue final : public Queue {
 public:
  /// Finds what the last stop has set aside. Errors as DiskQueue::open; nothing was overwritten then.
  static Result<std::unique_ptr<AsideQueue>> open(Fs& fs, const Clock& clock, std::string directory,
                                                  const MemoryLimits& limits);
  /// Something is set aside: sync() is to be called now and then.
  [[nodiscard]] bool has_aside() const { return disk_ != nullptr; }

  Result<Offset> append(Batch&& batch) override;
  void wait_for_room(Nanos wait) override { memory_.wait_for_room(wait); }
  /// Saves how far the outputs are with what was set aside.
  Result<> sync() override;
  [[nodiscard]] Offset safe() const override;
  [[nodiscard]] Offset end() const override { return base_ + memory_.end(); }
  Result<std::unique_ptr<Reader>> reader(const std::string& name) override;
  std::vector<Loss> take_losses() override;
  Result<> set_aside() override;
  void close() override;

 private:
  class AsideReader;
  friend class AsideReader;

  AsideQueue(Fs& fs, const Clock& clock, std::string directory, const MemoryLimits& limits);
  Result<> open_disk();
  Result<> commit_in_copy(Reader& reader, Offset upto);

  /// An output: what it has of the spool, and of the memory queue.
  struct Mark {
    std::unique_ptr<Reader> disk;  // null: nothing was set aside
    Offset committed = 0;          // of the memory queue
  };

  Fs& fs_;
  const Clock& clock_;
  const std::string directory_;
  MemoryQueue memory_;
  std::unique_ptr<DiskQueue> disk_;  // null: nothing is set aside
  Offset base_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, Mark> marks_;  // by reader; addresses are stable
  bool all_safe_ = false;              // set_aside() is done
};

}  // namespace acta
