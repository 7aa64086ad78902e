#pragma once
#include <atomic>
#include <cstdint>

namespace acta {

/// All is well; nothing is sent until a wait is over; one attempt is made to see.
inline constexpr uint64_t kCircuitClosed = 0, kCircuitOpen = 1, kCircuitHalfOpen = 2;

/// What one output has done since start. Written by its runner, read by any thread. Every document that was read has
/// one final fate:
///     read = accepted + rejected + waiting
/// holds whenever the runner is not inside step(), and with it the second sum of the delivery contract:
///     end of the queue - start = read + dropped + expired + damaged + not read yet.
struct OutputCounters {
  using Count = std::atomic<uint64_t>;
  Count read{0};      ///< documents taken from the queue
  Count accepted{0};  ///< documents
  Count rejected{0};  ///< documents, each in the dead letters
  Count dropped{0};   ///< documents that the queue gave up before they were read: it was full (Missed)
  Count expired{0};   ///< likewise: they were too old
  Count damaged{0};   ///< likewise: the spool is damaged
  Count unused{0};    ///< places in the queue that never held a document (Missed)
  Count position{0};  ///< offset after the last document read
  Count waiting{0};   ///< gauge: documents taken from the queue and without a final fate

  Count retried{0};    ///< refusals: a document refused twice counts twice
  Count attempts{0};   ///< calls of Output::send
  Count batches{0};    ///< groups of documents that were finished
  Count bytes{0};      ///< of accepted documents
  Count too_large{0};  ///< attempts that were cut in halves
  Count connect_failed{0};
  Count dead_letters_dropped{0};  ///< rejected documents whose letters were given up: there were too many
  Count dead_letters_failed{0};   ///< writes to the dead-letter file that failed and were retried
  Count commit_failed{0};
  Count workers{0};                       ///< gauge: attempts that may be under way at once
  Count circuit{0};                       ///< gauge: kCircuitClosed …
  std::atomic<int64_t> failing_since{0};  ///< gauge: monotonic time of the first failure of a row, 0 when all is well
};

}  // namespace acta
