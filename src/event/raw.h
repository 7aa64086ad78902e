#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "event/loss.h"

namespace acta {

/// What a raw item is; decides where it enters the pipeline.
enum class RawKind : uint8_t {
  audit_record,       ///< one line of an audit log, without its line end
  accounting_record,  ///< one accounting record, whole, as in the file
  document            ///< a finished document
};

/// A place in an input's stream. What is read of one file without turning to another is a run; the runs of an input are
/// numbered in reading order from 1, so that places compare over files. Mostly a run is a whole file; where an input
/// follows several logs at once, or a renamed file grows late, a file has several. {0, 0} is before everything.
struct Position {
  uint64_t file = 0;    ///< number of the run
  uint64_t offset = 0;  ///< bytes from the start of the file
  auto operator<=>(const Position&) const = default;
};

/// What an item's bytes are read from, as far as documents say it. Owned by the input, constant for a run; alive until
/// Input::safe() has passed the run, and longer for the newest thousand.
struct Origin {
  /// log.file.path: the path of the log, without what rotation appends, so that a record read again after a rotation
  /// makes the same document. Empty when not a file.
  std::string path;
  std::string fingerprint;  ///< hexadecimal; part of accounting ids
  uint64_t inode = 0;
  uint64_t device = 0;
  bool keep_original = false;  ///< put the raw records into event.original
};

/// A run as the registry keeps it (see Position). Runs before the cursor's file say what was read already: [begin, end)
/// of that file, and all before it. Number 0: passed over on purpose up to `end`, never read.
struct FileMark {
  uint64_t number = 0;  ///< as in Position::file
  std::string
      fingerprint;  ///< hash of the first line (audit) or the first 64 bytes (pacct); an inode alone never resumes
  uint64_t inode = 0;
  uint64_t device = 0;
  std::string path;    ///< of the log, as in Origin
  uint64_t begin = 0;  ///< offset in the file where the run starts
  uint64_t end = 0;    ///< offset up to which it was read
  bool operator==(const FileMark&) const = default;
};

struct RawItem {
  RawKind kind = RawKind::audit_record;
  /// A part of a line longer than any record: never a record, whatever it looks like. Goes into a pipeline_error as it
  /// is.
  bool piece = false;
  uint16_t source = 0;  ///< number of the input in the agent, from 0
  Position begin{};
  Position end{};  ///< of the byte after the item
  std::string_view bytes{};
  const Origin* origin = nullptr;
};

/// Items in the order of an input, with the buffer that their bytes lie in: the unit of the channel from collect to
/// pipeline. Movable; one thread at a time. An input reads straight into it: room(), read, keep(), then item() for each
/// record found.
class RawBatch {
 public:
  /// `size` bytes to read into. What was kept before stays; views given out before may have moved.
  char* room(size_t size);
  /// Keeps the first `size` bytes of the last room(). Returns the offset of them in the buffer.
  size_t keep(size_t size);
  /// The bytes kept so far.
  [[nodiscard]] std::string_view buffer() const { return {buffer_.data(), used_}; }
  /// Gives back the bytes from `offset` on (a record not yet whole).
  void cut(size_t offset) { used_ = offset; }
  /// Adds an item whose bytes are buffer()[offset, offset + size).
  void item(const RawItem& head, size_t offset, size_t size) { item(offset, size) = head; }
  /// The same, to be filled in where it stays: copying what was just put together waits for its parts to be stored.
  RawItem& item(size_t offset, size_t size) { return slots_.emplace_back(offset, size).head; }

  /// Says that something is gone, at this place: after the items added so far.
  void lost(Loss loss) { losses_.push_back({.at = slots_.size(), .loss = std::move(loss)}); }

  /// What is gone, in order. `at` items of the batch come before it.
  struct Lost {
    size_t at = 0;
    Loss loss;
  };
  [[nodiscard]] const std::vector<Lost>& losses() const { return losses_; }

  [[nodiscard]] size_t size() const { return slots_.size(); }  ///< items
  [[nodiscard]] bool empty() const { return slots_.empty() && losses_.empty(); }
  [[nodiscard]] size_t bytes() const { return used_; }
  [[nodiscard]] RawItem operator[](size_t i) const;
  void clear();

  Nanos read_at = 0;          ///< real time of the reading: event.created
  bool end_of_input = false;  ///< the input had no more to give after this batch, for now (a file at its end)

 private:
  struct Slot {
    Slot(size_t at, size_t bytes) : offset(at), size(bytes) {}
    RawItem head{};
    size_t offset, size;
  };
  std::vector<char> buffer_;
  size_t used_ = 0;
  std::vector<Slot> slots_;
  std::vector<Lost> losses_;
};

}  // namespace acta
