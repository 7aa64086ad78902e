#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "inputs/input.h"
#include "pipeline/dead_letters.h"

namespace acta {

/// Documents that inputs got from elsewhere and that cannot be passed on, on their way into the dead letters of their
/// input: `<directory>/input-<id>.ndjson`. Until they are there the cursor must not pass them: oldest(). One thread
/// (pipeline).
class RefusedDocuments {
 public:
  /// `inputs`: ids, by number. `fs` and `clock` outlive it.
  RefusedDocuments(Fs& fs, const Clock& clock, std::string directory, std::vector<std::string> inputs)
      : fs_(fs), clock_(clock), directory_(std::move(directory)), inputs_(std::move(inputs)) {}

  void add(uint16_t source, Position begin, std::string_view why, const Doc& doc);
  /// Writes what there is. A failure is said and tried again after a second; as long as there is too much to take more
  /// it waits, up to `wait`. True when more may come.
  bool write(Nanos wait);
  /// Where the oldest document stands that is not written; Position{UINT64_MAX, UINT64_MAX} when all are.
  [[nodiscard]] Position oldest(uint16_t source) const;

 private:
  struct Waiting {
    std::unique_ptr<DeadLetters> letters;
    Batch documents;
    std::vector<std::string> why;
    Position begin{};  // of the first
  };
  [[nodiscard]] bool full() const;
  Result<> write(Waiting& waiting);

  Fs& fs_;
  const Clock& clock_;
  const std::string directory_;
  const std::vector<std::string> inputs_;
  std::map<uint16_t, Waiting> waiting_;
  Nanos not_before_ = INT64_MIN;
};

}  // namespace acta
