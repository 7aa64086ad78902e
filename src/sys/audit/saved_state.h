#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "sys/audit/control.h"

namespace acta::kaudit {

/// What was found in the kernel before the first change of this boot, and what we changed: enough to put it back, also
/// by a later start. Saved before the change that it speaks of.
struct Found {
  std::string boot_id;
  Status status;                   ///< as found
  uint32_t changed = 0;            ///< Change::Mask of what we set
  std::vector<RuleBytes> added;    ///< rules that are ours; they were not there
  std::vector<RuleBytes> removed;  ///< rules that were there and that we took away, in their order
  bool operator==(const Found&) const = default;
};

/// How far the stream was appended: what the next start compares with.
struct Appended {
  std::string boot_id;
  uint32_t serial = 0;  ///< highest of the records that are safe
  uint32_t lost = 0;    ///< audit_status.lost then
  Nanos time = 0;       ///< real time
  bool operator==(const Appended&) const = default;
};

/// The two as files of a directory that is made when it is needed: found.json and appended.json, each replaced whole,
/// mode 0600. A file that cannot be understood counts as none and is said. One thread.
class SavedState {
 public:
  SavedState(Fs& fs, std::string directory) : fs_(&fs), directory_(std::move(directory)) {}

  std::optional<Found> found();
  Result<> save(const Found& found);
  /// What was found is back in place.
  Result<> forget_found();
  std::optional<Appended> appended();
  Result<> save(const Appended& appended);

 private:
  Result<> write(const std::string& name, std::string_view content);
  std::optional<std::string> read(const std::string& name);

  Fs* fs_;
  std::string directory_;
};

/// /proc/sys/kernel/random/boot_id; empty when it cannot be read.
std::string boot_id();

}  // namespace acta::kaudit
