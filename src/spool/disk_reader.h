#pragma once
#include <memory>
#include <string>

#include "spool/disk_queue.h"

namespace acta {

/// A reader of the disk queue: from memory while it keeps up, from the files otherwise. One thread.
class DiskQueue::DiskReader final : public Reader {
 public:
  DiskReader(DiskQueue& queue, std::string name, Mark& mark) : queue_(queue), name_(std::move(name)), mark_(mark) {}
  ~DiskReader() override;
  DiskReader(const DiskReader&) = delete;
  DiskReader& operator=(const DiskReader&) = delete;

  Result<std::optional<Span>> next(Nanos wait) override;
  Result<> commit(Offset upto) override;
  [[nodiscard]] Offset committed() const override;
  [[nodiscard]] Missed missed() const override;

 private:
  /// What is at a place of the log: nothing before `first`, then `batch`, if there is one.
  struct Found {
    Offset first = 0;
    std::shared_ptr<const Batch> batch{};  // shared: see Span
  };
  [[nodiscard]] std::optional<Found> from_tail_locked(Offset at) const;
  Result<Found> from_disk(Offset at);
  Result<bool> open_segment(Offset first);
  Result<Found> next_frame(Offset at, const Place& place);
  Result<bool> skip_to_good();
  /// Takes what was found at `at` into account; nothing when documents were given up meanwhile.
  std::optional<Span> take(Offset at, Found found);
  void say_lost(Offset from, Offset to);

  DiskQueue& queue_;
  const std::string name_;
  Mark& mark_;
  std::unique_ptr<spool::SegmentReader> segment_;
  Offset segment_first_ = 0;
  uint64_t place_ = 0;  // in the file, of the next frame
};

}  // namespace acta
