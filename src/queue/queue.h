#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "event/batch.h"
#include "event/loss.h"

namespace acta {

/// Number of a document in the queue, from 0 on.
using Offset = uint64_t;

/// A batch as it lies in the queue. The batch is shared with other readers and is not changed; it lives as long as a
/// Span holds it.
struct Span {
  Offset first = 0;
  std::shared_ptr<const Batch> batch;  // shared: several readers and the queue hold one batch, the last one frees it
  [[nodiscard]] Offset end() const { return first + batch->size(); }
};

/// Documents that a reader never got, since it was made: the log no longer has them.
struct Missed {
  uint64_t dropped = 0;  ///< given up because the queue was full
  uint64_t expired = 0;  ///< given up because they were too old
  uint64_t damaged = 0;  ///< in damaged or missing parts of the spool
  uint64_t unused = 0;   ///< places that never held a safe document: nothing is missing, and it is in no sum of losses
  [[nodiscard]] uint64_t all() const { return dropped + expired + damaged; }
};

/// A named reader with a committed offset of its own. One thread.
///
/// Spans come in order. Where one does not begin where the one before ended, the documents between are missed(), and
/// committed by the commit of what follows.
class Reader {
 public:
  virtual ~Reader() = default;
  /// The next batch, waiting up to `wait` for one. Nothing when the time is up or the queue was closed and all is read.
  virtual Result<std::optional<Span>> next(Nanos wait) = 0;
  /// Everything before `upto` is done with for this reader.
  virtual Result<> commit(Offset upto) = 0;
  [[nodiscard]] virtual Offset committed() const = 0;
  [[nodiscard]] virtual Missed missed() const { return {}; }
};

/// One log, many readers: append by the pipeline thread, read by the outputs' threads. appended: in the queue. safe:
/// survives us.
class Queue {
 public:
  virtual ~Queue() = default;
  /// Takes the batch whole and returns the offset of its first document. Errc::full when there is no room: nothing was
  /// taken, try again later.
  virtual Result<Offset> append(Batch&& batch) = 0;
  /// Waits up to `wait` for room to append.
  virtual void wait_for_room(Nanos wait) = 0;
  /// Makes what was appended safe, where the queue can.
  virtual Result<> sync() = 0;
  /// `wanted` is called, by the appending thread and with no lock held, when so much is not safe that the next sync()
  /// should not wait for its time. Before the first append; it must not block.
  virtual void on_sync_wanted(std::function<void()> wanted) { static_cast<void>(wanted); }
  /// Everything before is safe. Any thread.
  [[nodiscard]] virtual Offset safe() const = 0;
  /// One past the last appended. Any thread.
  [[nodiscard]] virtual Offset end() const = 0;
  /// The reader of that name; made when new. Before the first append only.
  virtual Result<std::unique_ptr<Reader>> reader(const std::string& name) = 0;
  /// What the queue itself lost since the last call (damage found, drop_oldest, max_age), one for each output that does
  /// not get it: for the "events lost" documents. Any thread.
  virtual std::vector<Loss> take_losses() { return {}; }
  /// At the end, when nothing is appended, read or committed any more: makes safe what outputs have not committed,
  /// where the queue can.
  virtual Result<> set_aside() { return {}; }
  /// No more appends: readers drain what is there and then get nothing.
  virtual void close() = 0;
};

}  // namespace acta
