#pragma once
#include <cstdint>
#include <string>

#include "inputs/input.h"
#include "pipeline/output_counters.h"
#include "pipeline/pipeline.h"

namespace acta {

/// What became of the records of one input (docs/delivery.md, promise 3). Holds at every quiet moment: when nothing is
/// inside collect() or work().
struct InputSum {
  std::string name{};
  uint64_t read = 0;  ///< received by the input
  uint64_t in_documents = 0, in_assembler = 0, duplicates = 0, filtered = 0, refused = 0, skipped = 0;
  uint64_t in_channel = 0;  ///< given by the input and not yet fed to the decoder
  uint64_t in_ring = 0;
  uint64_t dropped = 0;  ///< from the ring
  [[nodiscard]] uint64_t accounted() const {
    return in_documents + in_assembler + in_channel + in_ring + dropped + duplicates + filtered + refused + skipped;
  }
  [[nodiscard]] bool holds() const { return read == accounted(); }
  /// "read 10 = in documents 9 + …", with "!=" when it does not hold.
  [[nodiscard]] std::string text() const;
};

/// What became of the documents of one output, in offsets of the queue. Holds when nothing is inside step() or
/// append().
struct OutputSum {
  std::string name{};
  uint64_t at_start = 0;  ///< documents that lay in the queue for it at the start
  uint64_t appended = 0;  ///< since then
  uint64_t accepted = 0, rejected = 0;
  uint64_t expired = 0, dropped = 0, damaged = 0;
  uint64_t unused = 0;   ///< places in the queue without a document: after a crash
  uint64_t waiting = 0;  ///< read and without a final fate, or not read yet
  [[nodiscard]] uint64_t accounted() const {
    return accepted + rejected + expired + dropped + damaged + unused + waiting;
  }
  [[nodiscard]] bool holds() const { return at_start + appended == accounted(); }
  [[nodiscard]] std::string text() const;
};

/// `counts` are of the input, `counters` of the pipeline; `in_channel` as InputSum::in_channel, `open` as in_assembler.
InputSum sum_of(std::string name, const InputCounts& counts, const SourceCounters& counters, uint64_t in_channel,
                uint64_t open);
/// `begin` is where the output stood at the start, `end_at_start` and `end` are the end of the queue then and now.
OutputSum sum_of(std::string name, const OutputCounters& counters, Offset begin, Offset end_at_start, Offset end);

}  // namespace acta
