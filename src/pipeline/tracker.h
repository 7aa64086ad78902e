#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "inputs/input.h"
#include "processors/decoder.h"
#include "queue/queue.h"

namespace acta {

/// Knows which records are in documents that are not safe yet, so that a saved cursor neither passes them nor tears an
/// event (delivery contract, rule 1). Pure logic; one thread (pipeline). Cheap per document; cursor() is linear in what
/// is tracked and is what forgets: call it at least once in some ten thousand documents, also when the cursor is not
/// written.
///
/// What is tracked of a source is bounded by what is unsafe (the queue's limits) and what the decoder holds open (its
/// limits); beyond kSafeMax safe events that the cursor has not passed, the oldest are forgotten and counted: on a
/// resume among them they may be delivered again, or their rest as an incomplete event. Nothing is ever lost by it.
class Tracker {
 public:
  static constexpr size_t kSafeMax = size_t{1} << 18;  ///< events
  /// Ranges in a cursor beside those that it cuts through, which are always there. Events after the cursor that are not
  /// named are delivered again.
  static constexpr size_t kSkipMax = 4096;

  /// Takes over what a cursor says of events already safe: before anything else of the source, with the cursor given to
  /// Input::open.
  void resume(uint16_t source, const Cursor& cursor);
  /// A document that is appended at `offset`, or is in a batch that will be: offsets only grow.
  void track(const Provenance& provenance, Offset offset);
  /// An event of which no document comes (a processor dropped it): done with, but its records must not come again
  /// without the first of them.
  void dropped(const Provenance& provenance);

  /// The cursor to save: at, read_to and skip (files are the input's to fill in). `read_to` is the end of the last item
  /// that the decoder was fed with, `oldest_open` is Decoder::oldest_open(source), `safe` is Queue::safe(). Every event
  /// that the decoder has given out is tracked by now.
  Cursor cursor(uint16_t source, Position read_to, Position oldest_open, Offset safe);

  /// Events that are tracked.
  [[nodiscard]] size_t size(uint16_t source) const;
  /// Safe events forgotten because there were too many (see above), since start.
  [[nodiscard]] uint64_t forgotten() const { return forgotten_; }

 private:
  /// Offset of events that are safe from the start.
  static constexpr Offset kAlwaysSafe = UINT64_MAX;
  struct Entry {
    Position begin, end;
    uint64_t key;
    Offset offset;
    [[nodiscard]] bool is_safe(Offset safe) const { return offset < safe || offset == kAlwaysSafe; }
  };
  struct Source {
    std::deque<Entry> entries;  // in the order of track()
  };

  void add(uint16_t source, const Entry& entry);
  void forget(Source& source, Position at, Offset safe);

  std::vector<Source> sources_;
  uint64_t forgotten_ = 0;
};

}  // namespace acta
