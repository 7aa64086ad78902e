#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"
#include "report/document.h"

namespace acta::report {

/// What a source could not read: said beside every report, so that no figure is smaller than it ought to be without a
/// word.
struct Unread {
  uint64_t lines = 0;   ///< that are no document
  uint64_t places = 0;  ///< where more may be missing than a line: a damaged file, a part of a cluster without answer
  std::string first{};  ///< where and why, of the first
};

/// Documents that a source gives as one, which has the fields that they are equal in.
struct Group {
  uint64_t documents = 0;
  Nanos first = 0, last = 0;  ///< @timestamp of the earliest and of the latest
  uint64_t order = 0;         ///< the least event.sequence
  size_t question = 0;        ///< number of the question (Totals) that it is an answer to
};

/// Where documents come from. Gives them one after the other, in the order in which they lie there. One thread.
class Source {
 public:
  virtual ~Source() = default;
  /// The next document into `document`, which refers to memory of the source until the next call; false at the end. An
  /// error ends it: what was given so far is not all. What cannot be read is passed over and counted in unread().
  virtual Result<bool> next(Document& document) = 0;
  /// What the document given last stands for; null when that is itself.
  [[nodiscard]] virtual const Group* group() const { return nullptr; }
  /// The file, or another unit, that the document given last lies in; empty before the first.
  [[nodiscard]] virtual std::string name() const = 0;
  /// "FILE: byte 1234" of the document given last.
  [[nodiscard]] virtual std::string where() const = 0;
  [[nodiscard]] virtual const Unread& unread() const = 0;
};

}  // namespace acta::report
