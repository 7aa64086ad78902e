#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "event/raw.h"

namespace acta {

/// The bounded way from the collect thread to the pipeline thread: batches of raw items in order. Bounded in bytes;
/// emptied batches go back for their buffers. The items of a batch are of one source. One thread pushes, one takes.
class Channel {
 public:
  explicit Channel(size_t bytes_max) : bytes_max_(bytes_max) {}

  /// True when a batch would be taken without passing the bound. Only push makes it false, only take makes it true.
  [[nodiscard]] bool has_room() const;
  /// Waits up to `wait` for room; returns has_room().
  bool wait_for_room(Nanos wait);
  /// Takes the batch whole, also past the bound: who can wait asks has_room first.
  void push(RawBatch&& batch);
  /// Everything that there was to read has been pushed; the next push takes that back.
  void caught_up();
  /// No more will come.
  void close();

  /// The next batch, waiting up to `wait`. Nothing when the time is up, or when the channel is closed and empty.
  std::optional<RawBatch> take(Nanos wait);
  /// Closed, and everything was taken.
  [[nodiscard]] bool finished() const;
  /// Nothing is here, and nothing more was to be read when the inputs were last looked at.
  [[nodiscard]] bool drained() const;
  /// Records of an input that wait in the channel.
  [[nodiscard]] uint64_t records(uint16_t source) const;

  /// An empty batch, with the buffers of a recycled one when there is one.
  RawBatch fresh();
  void recycle(RawBatch&& batch);

 private:
  const size_t bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable emptied_;
  std::deque<RawBatch> batches_;
  std::vector<RawBatch> spare_;
  size_t bytes_ = 0;
  std::vector<uint64_t> records_;  // by source
  bool caught_up_ = false;
  bool closed_ = false;
};

}  // namespace acta
