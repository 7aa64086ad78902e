#pragma once
#include <cstdint>
#include <string_view>

#include "config/component.h"
#include "event/event.h"
#include "event/raw.h"

namespace acta {

/// Where the records of an event came from: for cursors, ids and conservation.
struct Provenance {
  uint16_t source = 0;
  Position begin{};      ///< of the event's first record
  Position end{};        ///< past its last record
  uint64_t key = 0;      ///< hash of the event key; 0 when events of this kind never interleave
  uint32_t records = 0;  ///< how many records are in the document
  const Origin* origin = nullptr;
};

/// Takes finished events. The event is the sink's to change and encode during the call; it is reused afterwards.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void emit(Event& event, const Provenance& provenance) = 0;
  /// Records that make no document: byte-equal duplicates of records that one has.
  virtual void duplicates(uint16_t source, uint64_t records) = 0;
};

/// Makes events of raw items of one kind: "audit" or "accounting". One thread (pipeline). Errors in records become
/// documents of kind pipeline_error; nothing is thrown away.
class Decoder {
 public:
  virtual ~Decoder() = default;
  [[nodiscard]] virtual RawKind kind() const = 0;
  /// `read_at` is the real time of the reading of the item.
  virtual void feed(const RawItem& item, Nanos read_at, EventSink& sink) = 0;
  /// Called when the source has nothing more for now and the channel is empty: events older than the time-out by wall
  /// time are closed.
  virtual void idle(Nanos monotonic, EventSink& sink) = 0;
  /// Closes everything (end of all input, stop at the end of a file).
  virtual void flush(EventSink& sink) = 0;
  /// Closes everything of one source, which gives no more. A decoder that keeps nothing open has nothing to do.
  virtual void flush_source(uint16_t source, EventSink& sink) {
    static_cast<void>(source);
    static_cast<void>(sink);
  }
  /// Start of the oldest record of `source` that is in an unfinished event; Position{UINT64_MAX, UINT64_MAX} when none.
  [[nodiscard]] virtual Position oldest_open(uint16_t source) const = 0;
  /// Records in unfinished events of `source`.
  [[nodiscard]] virtual uint64_t open_records(uint16_t source) const = 0;
  /// The hash of the event key of an item, for SkipRange; 0 when it has none.
  [[nodiscard]] virtual uint64_t key_of(const RawItem& item) const = 0;
};

}  // namespace acta
