#pragma once
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/clock.h"

namespace acta {

/// Which documents may be in the index already, so that they have to be looked for before they are created.
///
/// - Those of a request whose outcome is not known: a time-out, a broken connection, a reply that cannot be believed.
/// - After a start: an earlier run may have sent what comes now. It sent in the order in which documents come again, so
///   this ends when `absent_needed` documents in a row were looked for and not found, but not within kStartAtLeast:
///   inputs come again one beside the other.
///
/// One thread.
class Doubt {
 public:
  enum class Mode : uint8_t { in_doubt, always, off };
  static constexpr Nanos kStartAtLeast = 10 * kSecond;
  /// Ids remembered; with more, everything is in doubt as after a start.
  static constexpr size_t kIdsMax = 1u << 20;

  Doubt(Mode mode, size_t absent_needed) : mode_(mode), absent_needed_(absent_needed) {}

  /// Whether to look for the document first. `now` is monotonic.
  [[nodiscard]] bool holds(std::string_view id, Nanos now);

  /// It was sent, and nobody knows what became of it.
  void outcome_unknown(std::string_view id);
  /// It has its final fate.
  void settled(std::string_view id);
  /// `absent` documents in a row were looked for and not found; `found`: and then one was.
  void looked(size_t absent, bool found);

 private:
  const Mode mode_;
  const size_t absent_needed_;
  std::unordered_set<std::string> ids_;
  size_t absent_ = 0;
  bool starting_ = true;
  Nanos started_ = 0;
};

}  // namespace acta
