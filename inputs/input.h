#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/component.h"
#include "event/raw.h"
#include "sys/privileges.h"

namespace acta {

/// Records of one event that documents already carry and that lie at or after the resume position: on resume, records
/// of the event at [begin, end] are skipped (design rule 1 of the delivery contract).
struct SkipRange {
  uint64_t key = 0;  ///< hash of the event key, as the decoder makes it
  Position begin{};
  Position end{};
};

/// Where an input begins again: saved by the registry, given to open(). What the input needs to find its files again is
/// in `files`.
struct Cursor {
  using FileMark = acta::FileMark;
  Position at{};                ///< read on from here
  Position read_to{};           ///< had been read up to here
  std::vector<FileMark> files;  ///< of marks(at): runs from `at` on, and what is known of files read before
  std::vector<SkipRange> skip;
  std::string state{};  ///< of the input's Follower, after what is not read again; the input does not look at it
};

/// What a pull came to.
enum class Pull : uint8_t {
  more,  ///< there may be more at once
  idle,  ///< nothing more now; wait for poll_fd or the next poll
  done   ///< never more (a finished file in --once or replay)
};

/// What an input has met, since start. Counters only grow.
struct InputCounts {
  uint64_t records = 0;    ///< items given
  uint64_t dropped = 0;    ///< records that were received and had no room (RecordRing)
  uint64_t held = 0;       ///< gauge: records received and not given yet
  uint64_t bytes = 0;      ///< read of files, line ends included
  uint64_t files = 0;      ///< runs begun
  uint64_t gaps = 0;       ///< times that bytes known to have been there could not be read any more
  uint64_t truncated = 0;  ///< times that a file was cut or written anew under its name
};

/// Where records come from. One thread (collect) calls all of it. Never fatal to other inputs: what can be retried is
/// logged and retried inside.
class Input {
 public:
  virtual ~Input() = default;
  /// Before open(), in --once and replay: what is there is all there will be, and pull ends with `done`.
  virtual void stop_at_end() {}
  /// Capabilities that it needs while it runs; the agent gives up all others. Known from the settings alone.
  [[nodiscard]] virtual Capabilities capabilities() const { return 0; }
  /// Before open(): a directory of this input's own for what it has to remember beside its cursor; made by whoever
  /// writes there.
  virtual void keep_state_in(const std::string& directory) { static_cast<void>(directory); }
  /// `source` is the number to put into items. An empty cursor (at {0,0}) starts at the oldest, or as the settings say.
  virtual Result<> open(uint16_t source, const Cursor& resume) = 0;
  /// A descriptor that becomes readable when pull may have something, or -1. Pull at least once a second in any case:
  /// files that cannot be watched, retries and time-outs depend on it.
  [[nodiscard]] virtual int poll_fd() const { return -1; }
  /// Appends at most some hundred kB of records to the batch, and what is lost (RawBatch::lost) where it is missing.
  /// Never blocks.
  virtual Result<Pull> pull(RawBatch& batch) = 0;
  /// True for sources that lose nothing by not being pulled (files).
  [[nodiscard]] virtual bool can_wait() const = 0;
  /// Reads again what it reads beside its records, rules for example (SIGHUP).
  virtual void reload() {}
  /// The agent stops: an input that cannot wait leaves its source, and pull gives what it has still and then `done`.
  virtual void finish() {}
  /// Everything before `position` is safe: the input may forget files that end before it.
  virtual void safe(Position position) = 0;
  /// Marks for the registry: runs from `from` on in order, after them or before them what else is known (see FileMark).
  [[nodiscard]] virtual std::vector<Cursor::FileMark> marks(Position from) const = 0;
  [[nodiscard]] virtual InputCounts counts() const { return {}; }
  virtual Result<> close() = 0;
};

}  // namespace acta
