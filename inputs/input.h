#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/component.h"
#include "event/raw.h"

namespace acta {

/// Records of one event that documents already carry and that lie at or after the resume position: on resume, records of the event at
/// [begin, end] are skipped (design rule 1 of the delivery contract).
struct SkipRange {
  uint64_t key = 0;  ///< hash of the event key, as the decoder makes it
  Position begin{};
  Position end{};
};

/// Where an input begins again: saved by the registry, given to open(). What the input needs to find its files again is in `files`.
struct Cursor {
  struct FileMark {
    uint64_t number = 0;      ///< as in Position::file
    std::string fingerprint;  ///< hash of the first line (audit) or the first 64 bytes (pacct); an inode alone never resumes
    uint64_t inode = 0;
    uint64_t device = 0;
    std::string path;  ///< where it was seen last
  };
  Position at{};        ///< read on from here
  Position read_to{};   ///< had been read up to here
  std::vector<FileMark> files;  ///< files from `at` on, in order
  std::vector<SkipRange> skip;
};

/// What a pull came to.
enum class Pull : uint8_t {
  more,  ///< there may be more at once
  idle,  ///< nothing more now; wait for poll_fd or the next poll
  done   ///< never more (a finished file in --once or replay)
};

/// Where records come from. One thread (collect) calls all of it. Never fatal to other inputs: what can be retried is logged and retried inside.
class Input {
 public:
  virtual ~Input() = default;
  /// `source` is the number to put into items. An empty cursor (at {0,0}) starts at the oldest, or as the settings say.
  virtual Result<> open(uint16_t source, const Cursor& resume) = 0;
  /// A descriptor that becomes readable when pull may have something, or -1: polled then.
  [[nodiscard]] virtual int poll_fd() const { return -1; }
  /// Appends at most some hundred kB of records to the batch. Never blocks.
  virtual Result<Pull> pull(RawBatch& batch) = 0;
  /// True for sources that lose nothing by not being pulled (files).
  [[nodiscard]] virtual bool can_wait() const = 0;
  /// Everything before `position` is safe: the input may forget files that end before it.
  virtual void safe(Position position) = 0;
  /// Marks of the files that hold `from` and all after it, for the registry.
  [[nodiscard]] virtual std::vector<Cursor::FileMark> marks(Position from) const = 0;
  virtual Result<> close() = 0;
};

}  // namespace acta
