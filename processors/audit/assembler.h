#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "event/raw.h"
#include "processors/audit/record.h"
#include "processors/decoder.h"

namespace acta::audit {

/// Why an event left the assembler.
enum class Closed : uint8_t {
  complete,  ///< its last record said so (PROCTITLE, EOE, a type that stands alone)
  age,       ///< log time passed it by: complete unless records are missing by their own count
  full,      ///< a cap on events, records or bytes in flight: marked incomplete
  late,      ///< its records came after the event of the same key was closed: a document of its own, part_of the first
  end        ///< the end of the input, for good or for longer than the age: more may have been to come
};

/// A closed event: its records in the order in which they were read, without EOE. Lives during the callback only.
struct AssembledEvent {
  EventKey key{};
  std::vector<Record> records;
  Closed closed = Closed::complete;
  std::vector<uint64_t> offsets;    ///< of its records in their file, as Position has them
  bool scattered = false;           ///< other bytes lie between its records; never set over the end of a file
  bool proctitle_expected = false;  ///< the last system call before it had its PROCTITLE
  Provenance provenance{};
  Nanos read_at = 0;  ///< real time of the reading of its first record
};

/// Limits and times of assembly.
struct AssemblerLimits {
  Nanos age = 2 * kSecond;    ///< an event older than this in log time is closed (end_of_event_timeout of auditd.conf)
  size_t events_max = 4096;   ///< events in flight
  size_t records_max = 4096;  ///< records of one event
  size_t bytes_max = 4u << 20;  ///< memory of the records in flight
  size_t closed_kept = 4096;    ///< closed events remembered, to tell late records and duplicates
};

/// Whether a record of the type is the last of its event: PROCTITLE, EOE, and the types that never share a key (1005,
/// 1100-1299, 2000, 2100-2999). LOGIN (1006) and 1406-1419 are not such: they share keys with SYSCALL records.
bool ends_event(uint16_t number);

/// Puts records together into events by key, in whatever order they come. A record of an ends_event() type closes its
/// event (UNKNOWN[n] counts by n); the rest are closed in the order in which they began, when the log time that passed
/// since then is more than `age` (see LogClock: neither silences, nor clocks set back or forward, nor stamps out of
/// order close what is still coming). Above a limit the oldest are closed. EOE is never among the records: a log with
/// it gives the same events as one without; an EOE that closes an event counts in provenance.records and .end. A record
/// that comes after its event was closed starts an event of its own (Closed::late), which gathers further ones and is
/// closed by the same rules. Sources are kept apart: an event has records of one source. Copies the bytes of records;
/// buffers are reused, nothing is allocated per event. One thread; `emit` must not call back.
class Assembler {
 public:
  using Emit = std::function<void(const AssembledEvent&)>;

  explicit Assembler(const AssemblerLimits& limits);
  ~Assembler();
  Assembler(const Assembler&) = delete;
  Assembler& operator=(const Assembler&) = delete;

  /// The record's views lie in record.line. Returns false when the record was not taken: a byte-equal duplicate of one
  /// that its event has (or had, when closed; AVC and the other types 1400-1599 may repeat), or an EOE whose event is
  /// not open.
  bool add(const Record& record, const RawItem& item, Nanos read_at, const Emit& emit);
  /// To be called while the input is at its end: closes (Closed::end) events that were open when this was called `age`
  /// ago or longer.
  void idle(Nanos monotonic, const Emit& emit);
  /// Closes everything.
  void flush(const Emit& emit);
  /// Closes everything of one source.
  void flush(uint16_t source, const Emit& emit);

  /// Start of the oldest open event of the source; {UINT64_MAX, UINT64_MAX} when none. Constant time.
  [[nodiscard]] Position oldest_open(uint16_t source) const;
  [[nodiscard]] uint64_t open_records(uint16_t source) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace acta::audit
