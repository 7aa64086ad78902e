#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace acta {

/// Why records or documents are gone.
enum class LossReason : uint8_t {
  ring_full,       ///< the agent read them and had no room (Ring)
  socket_overrun,  ///< the kernel had no room in the receive buffer of our socket (ENOBUFS)
  kernel_backlog,  ///< the kernel counts them as lost: its backlog was full, its rate limit passed (audit_status.lost)
  serial_gap,      ///< serials that never came
  pipe_gap,        ///< whoever fed our pipe did not hand them over
  file_gap,        ///< a file was gone before it was read to its end
  topic_gap,       ///< a topic had deleted them before they were read
  queue_dropped,   ///< documents given up by queue.disk.when_full: drop_oldest
  expired,         ///< documents given up by queue.disk.max_age
  spool_damaged    ///< documents in a damaged part of the spool
};
inline constexpr size_t kLossReasons = 10;

/// The word for event.reason and for counters: "ring_full" …
std::string_view word_of(LossReason reason);
/// A sentence for people, without its end: "the agent had no room for them".
std::string_view sentence_of(LossReason reason);
/// True for documents of the queue, false for records of an input.
inline bool is_of_documents(LossReason reason) {
  return reason >= LossReason::queue_dropped;
}

/// Serial numbers (or offsets of documents), both ends missing.
struct SerialRange {
  uint64_t first = 0;
  uint64_t last = 0;
  bool operator==(const SerialRange&) const = default;
};

/// Something that is gone for good: an input attaches it to the batch it gives, a queue tells it, and the pipeline
/// makes an "events lost" document of it. A value; any thread.
struct Loss {
  static constexpr uint16_t kNoSource = UINT16_MAX;
  /// Beyond so many ranges the last one reaches over what came between.
  static constexpr size_t kRangesMax = 16;

  LossReason reason = LossReason::ring_full;
  uint16_t source = kNoSource;  ///< number of the input; kNoSource for documents of the queue
  std::string output{};         ///< of documents: the output that does not get them; empty: none does
  uint64_t count = 0;           ///< records or documents
  bool at_least = false;        ///< the number is not known, `count` is the least it can be (0: nothing is known)
  Nanos from = 0;               ///< real time of the first that is gone, as far as it is known
  Nanos to = 0;                 ///< of the last
  std::string place{};  ///< which file, up to where; empty where there is nothing to say. Makes the id instead of times
  std::vector<SerialRange> serials{};  ///< which, as far as known; ascending by first

  /// The same reason, source, output and place: may be told as one.
  [[nodiscard]] bool is_like(const Loss& other) const {
    return reason == other.reason && source == other.source && output == other.output && place == other.place;
  }
  /// Adds a later one that is_like() this one.
  void merge(const Loss& later);
  /// Adds a serial that is gone.
  void add_serials(SerialRange range);
};

}  // namespace acta
