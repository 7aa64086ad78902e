#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "event/batch.h"
#include "event/json_fields.h"
#include "event/raw.h"
#include "event/route.h"
#include "inputs/input.h"
#include "pipeline/loss_ledger.h"
#include "pipeline/output_counters.h"
#include "pipeline/refused_documents.h"
#include "pipeline/skip_filter.h"
#include "pipeline/tracker.h"
#include "processors/decoder.h"
#include "processors/follower.h"
#include "processors/processor.h"
#include "queue/queue.h"
#include "sys/services.h"

namespace acta {

/// What became of the records of one input, in records. Written by the pipeline thread, read by any. Conservation
/// (docs/delivery.md): read = in_documents + duplicates + filtered + refused + skipped + in_assembler, whenever the
/// pipeline is not inside one of its calls.
struct SourceCounters {
  std::atomic<uint64_t> read{0};
  std::atomic<uint64_t> in_documents{0};  ///< in documents appended, or about to be
  std::atomic<uint64_t> duplicates{0};
  std::atomic<uint64_t> filtered{0};  ///< dropped by a processor
  std::atomic<uint64_t> refused{0};   ///< of others' documents: cannot be passed on, for the dead letters
  std::atomic<uint64_t> skipped{0};   ///< read again after a restart, already in a safe document
  std::atomic<uint64_t> in_assembler{0};
  std::atomic<uint64_t> lost{0};  ///< records told to be lost; never read, so in no sum but that of the input's ring
};

/// Raw items -> decoder -> processors -> encoder -> queue, and the place to resume from. One thread calls all of it;
/// `step` is bounded, so that a simulation can run it.
///
/// What an input says is lost, and what the queue lost, becomes an "events lost" document within a second. Processors
/// may change it, but not drop it: a gap is never hidden.
///
/// Documents that others have made (RawKind::document) go past decoders and processors, as they are.
///
/// Documents of a Follower stand before the document of the event that ended what they are about, so that they are safe
/// when that is: the event is read again until all of them are.
class Pipeline final : private EventSink {
 public:
  /// An output, for documents of health. Its counters outlive the last step.
  struct Destination {
    std::string name;
    const OutputCounters* counters;
  };
  struct Parts {
    const Clock* clock = nullptr;
    Queue* queue = nullptr;
    std::vector<std::unique_ptr<Decoder>> decoders;
    std::vector<std::unique_ptr<Processor>> processors;
    std::vector<Cursor> resume;       ///< one per source, in the order of their numbers
    std::vector<std::string> inputs;  ///< their ids, likewise; for documents of losses
    Services services;                ///< for documents of losses and of health
    std::vector<Route> routes{};      ///< fields that outputs ask for in Meta
    Nanos health_every = 0;           ///< how often there are health documents of each input and output; 0: never
    std::vector<Destination> outputs{};
    /// One per source, or none at all; their states are in `resume`.
    std::vector<std::unique_ptr<Follower>> followers{};
    /// Where documents of others go that cannot be passed on; needed where an input gives such.
    std::unique_ptr<RefusedDocuments> refused{};
  };

  explicit Pipeline(Parts parts);
  ~Pipeline() override;

  /// True when the last batch has been worked off and its documents are in the queue: give the next one to accept().
  [[nodiscard]] bool hungry() const { return worked_off() && pending_.empty(); }
  void accept(RawBatch&& batch);
  /// The batch that was worked off, for its buffers.
  RawBatch take_back();
  /// Some work: at most one batch of documents. Waits up to `wait` only when the queue is full.
  Result<> step(Nanos wait);
  /// Nothing to read now: closes what is open for too long and appends what is encoded. Call step() until hungry()
  /// afterwards.
  void idle();
  /// The end of all input: closes everything. Call step() until hungry() afterwards.
  void flush();
  /// Closes what is open of one source.
  void flush(uint16_t source);
  /// Documents are encoded but the queue has no room for them.
  [[nodiscard]] bool blocked() const { return !pending_.empty() && pending_closed_; }

  /// The place to resume source `source` from; without file marks. Ask at least once in kCursorEvery documents: it
  /// bounds what is tracked.
  static constexpr uint64_t kCursorEvery = 16384;
  [[nodiscard]] Cursor cursor(uint16_t source);
  [[nodiscard]] const SourceCounters& counters(uint16_t source) const { return sources_[source]->counters; }
  /// Records in unfinished events.
  [[nodiscard]] uint64_t open_records(uint16_t source) const;
  /// Records of the batch in hand that are not fed yet.
  [[nodiscard]] uint64_t in_hand(uint16_t source) const {
    return next_item_ < raw_.size() && raw_[0].source == source ? raw_.size() - next_item_ : 0;
  }
  [[nodiscard]] uint64_t documents() const { return documents_.load(std::memory_order_relaxed); }

 private:
  struct Source {
    SourceCounters counters;
    uint64_t documents = 0, incomplete = 0;
    std::array<uint64_t, kLossReasons> lost{};
    Position loss_at{UINT64_MAX, UINT64_MAX};  // of the oldest loss that is not told
    SkipFilter skip;
    Position read_to{};
    Decoder* decoder = nullptr;  // of the last item
    std::unique_ptr<Follower> follower;
  };

  void emit(Event& event, const Provenance& provenance) override;
  void duplicates(uint16_t source, uint64_t records) override;
  bool keeps(Event& event);
  void drop(Source& source, const Provenance& provenance, bool followed);
  void resume_follower(size_t number);
  [[nodiscard]] bool worked_off() const { return next_item_ >= raw_.size() && next_loss_ >= raw_.losses().size(); }
  void feed(const RawItem& item);
  void pass(const RawItem& item);
  void count_open();
  void note_losses(size_t upto);
  void tell_losses(bool all);
  void tell(const Loss& loss);
  void tell_health();
  void tell_health_of_input(size_t number);
  void tell_health_of_output(const Destination& output);
  void commit_document(const Event& event);
  Result<> append(Nanos wait);
  Decoder& decoder_of(RawKind kind);

  Parts parts_;
  std::vector<std::unique_ptr<Source>> sources_;
  Tracker tracker_;
  RawBatch raw_;
  size_t next_item_ = 0;
  size_t next_loss_ = 0;
  LossLedger losses_;
  std::array<uint64_t, kLossReasons> lost_of_queue_{};
  Nanos next_health_ = 0;
  Event loss_event_;    // reused, for documents of health too
  std::string routes_;  // of one document; reused
  JsonFields route_fields_;
  Batch pending_;
  bool pending_closed_ = false;  // pending_ waits to be appended
  Offset next_offset_;           // of the first document of pending_: only this thread appends
  std::atomic<uint64_t> documents_{0};
};

}  // namespace acta
