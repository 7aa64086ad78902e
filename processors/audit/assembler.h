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
  end        ///< the end of the input
};

/// A closed event: its records in the order in which they were read. Lives during the callback only.
struct AssembledEvent {
  EventKey key{};
  std::vector<Record> records;
  Closed closed = Closed::complete;
  Provenance provenance{};
  Nanos read_at = 0;  ///< real time of the reading of its first record
};

/// Limits and times of assembly.
struct AssemblerLimits {
  Nanos age = 2 * kSecond;          ///< an event older than this in log time is closed (end_of_event_timeout of auditd.conf)
  size_t events_max = 4096;         ///< events in flight
  size_t records_max = 4096;        ///< records of one event
  size_t bytes_max = 8u << 20;      ///< bytes in flight
  size_t closed_kept = 4096;        ///< closed keys remembered, to tell late records and duplicates
};

/// Puts records together into events by key, in whatever order they come. A record closes its event only when it is PROCTITLE, EOE, or of a
/// type that never shares a key: 1005, 1100-1299, 2000, 2100-2999 (UNKNOWN[n] counts by n); LOGIN (1006) and 1406-1419 never do. An O(1) list
/// in order of log time closes the rest by age. Copies the bytes of records; buffers are reused. One thread.
class Assembler {
 public:
  using Emit = std::function<void(const AssembledEvent&)>;

  explicit Assembler(const AssemblerLimits& limits);
  ~Assembler();
  Assembler(const Assembler&) = delete;
  Assembler& operator=(const Assembler&) = delete;

  /// Returns false when the record is a byte-equal duplicate of one that its event has already, and was not taken.
  bool add(const Record& record, const RawItem& item, Nanos read_at, const Emit& emit);
  /// Closes by wall time what has been open for longer than `age` when the input is at its end.
  void idle(Nanos monotonic, const Emit& emit);
  void flush(const Emit& emit);

  [[nodiscard]] Position oldest_open(uint16_t source) const;
  [[nodiscard]] uint64_t open_records(uint16_t source) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace acta::audit
