#pragma once
#include <cstdint>
#include <deque>
#include <mutex>
#include <string_view>
#include <vector>

#include "event/raw.h"
#include "sys/fd.h"

namespace acta {

/// The bounded buffer of an input that cannot wait: a receiving thread pushes records and never waits, Input::pull
/// drains them on the collect thread. Beyond its bounds the newest records are dropped, counted, and a Loss says so
/// in their place.
///
/// One thread pushes, one drains, any asks for counts. The mutex is held to copy one record in or to move a part of
/// the ring out, never longer. Memory: bytes_max, some 20 bytes for each record, and what the last part has to spare.
class RecordRing {
 public:
  struct Limits {
    size_t records_max = 65'536;
    size_t bytes_max = 16u << 20;
  };
  /// Records since the start: received = given + dropped + held.
  struct Counts {
    uint64_t received = 0;
    uint64_t given = 0;
    uint64_t dropped = 0;
    uint64_t held = 0;        ///< gauge
    uint64_t held_bytes = 0;  ///< gauge
    uint64_t held_most = 0;   ///< the highest `held` so far
  };
  /// What drained items are; their positions are {run, number of the record}.
  struct Place {
    RawKind kind = RawKind::audit_record;
    uint16_t source = 0;
    uint64_t run = 1;
    const Origin* origin = nullptr;
  };

  explicit RecordRing(const Limits& limits);

  /// Takes a copy of the record, or drops it. `now` is real time, `serial` the number of its event, 0 for none.
  bool push(std::string_view record, uint64_t serial, Nanos now);
  /// What is known to be lost before the next record (a socket's overrun). Its source is set by drain().
  void lost(const Loss& loss);
  /// Makes poll_fd() readable if there is something to drain: the pushing thread says so at the end of each round, for
  /// a wake-up for each record would cost more than the record. A part that has become full is told at once.
  void tell();

  /// Moves about kPartBytes to `batch`. True when there is more.
  bool drain(RawBatch& batch, const Place& place);
  /// Readable from tell() until all is drained; -1 when the host gives none: poll then.
  [[nodiscard]] int poll_fd() const { return wake_.get(); }
  [[nodiscard]] Counts counts() const;

  /// Bytes of records that are drained at once.
  static constexpr size_t kPartBytes = 128u << 10;

 private:
  struct Slot {
    uint64_t number;
    uint32_t offset, size;
  };
  struct Part {
    std::vector<char> bytes;
    std::vector<Slot> slots;
    std::vector<RawBatch::Lost> losses;
    [[nodiscard]] bool empty() const { return slots.empty() && losses.empty(); }
  };
  Part& back_part(size_t size);
  void lose(const Loss& loss);
  void wake();

  const Limits limits_;
  Fd wake_;
  mutable std::mutex mutex_;
  std::deque<Part> parts_;
  std::vector<Part> spare_;
  Counts counts_;
  bool told_ = false;  // wake_ is readable
};

}  // namespace acta
