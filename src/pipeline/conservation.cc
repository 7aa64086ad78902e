#include "pipeline/conservation.h"

#include <fmt/format.h>

namespace acta {

std::string InputSum::text() const {
  return fmt::format(
      "records: read {} {} in documents {} + unfinished {} + in the channel {} + in the ring {} + dropped {} + "
      "duplicates {} + filtered {} + refused {} + skipped {}",
      read, holds() ? "=" : "!=", in_documents, in_assembler, in_channel, in_ring, dropped, duplicates, filtered,
      refused, skipped);
}

std::string OutputSum::text() const {
  return fmt::format(
      "documents: in the queue at the start {} + appended {} {} accepted {} + rejected {} + expired {} + dropped {} + "
      "damaged {} + unused {} + waiting {}",
      at_start, appended, holds() ? "=" : "!=", accepted, rejected, expired, dropped, damaged, unused, waiting);
}

InputSum sum_of(std::string name, const InputCounts& counts, const SourceCounters& counters, uint64_t in_channel,
                uint64_t open) {
  return {.name = std::move(name),
          .read = counts.records + counts.dropped + counts.held,
          .in_documents = counters.in_documents.load(),
          .in_assembler = open,
          .duplicates = counters.duplicates.load(),
          .filtered = counters.filtered.load(),
          .refused = counters.refused.load(),
          .skipped = counters.skipped.load(),
          .in_channel = in_channel,
          .in_ring = counts.held,
          .dropped = counts.dropped};
}

OutputSum sum_of(std::string name, const OutputCounters& counters, Offset begin, Offset end_at_start, Offset end) {
  OutputSum sum{.name = std::move(name),
                .at_start = end_at_start - begin,
                .appended = end - end_at_start,
                .accepted = counters.accepted.load(),
                .rejected = counters.rejected.load(),
                .expired = counters.expired.load(),
                .dropped = counters.dropped.load(),
                .damaged = counters.damaged.load(),
                .unused = counters.unused.load()};
  sum.waiting = counters.waiting.load() + (end - counters.position.load());
  return sum;
}

}  // namespace acta
