#pragma once
#include <memory>
#include <string>

#include "spool/disk_queue.h"

namespace acta {

/// A reader of the disk queue: from memory while it keeps up, from the files otherwise. One thread.
class DiskQueue::DiskReader final : public Reader {
 public:
  DiskReader(DiskQueue& queue, std::string name, Mark& mark)
      : queue_(queue), name_(std::move(name)), mark_(mark), at_(mark.committed) {}
  ~DiskReader() override;
  DiskReader(const DiskReader&) = delete;
  DiskReader& operator=(const DiskReader&) = delete;

  Result<std::optional<Span>> next(Nanos wait) override;
  Result<> commit(Offset upto) override;
  [[nodiscard]] Offset committed() const override;
  [[nodiscard]] Missed missed() const override;

 private:
  /// The batch of the newest ones that has the document `at_`.
  std::optional<Span> from_tail_locked();
  Result<std::optional<Span>> from_disk(Offset end);
  Result<bool> open_segment();
  Result<std::optional<Span>> damaged(Offset end);
  [[nodiscard]] Span cut(Offset first, std::shared_ptr<const Batch> batch) const;  // shared: see Span

  DiskQueue& queue_;
  const std::string name_;
  Mark& mark_;
  Offset at_;  // of the next document
  std::unique_ptr<spool::SegmentReader> segment_;
  uint64_t segment_first_ = 0;
  uint64_t place_ = 0;  // in the file, of the next frame
};

}  // namespace acta
