#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "sys/name_source.h"

namespace acta {

/// Names of user and group ids, and ids of names, as they are (a name may hold any bytes). Bounded, with positive and
/// negative entries and a time to live; a look-up that takes longer than the deadline is answered as unknown, or with
/// the name that was known before, and finishes in the background for the next question. While a look-up is overdue,
/// other questions do not wait at all. Called by the pipeline thread only.
class UserDb {
 public:
  struct Limits {
    size_t entries_max = 4096;           ///< of each of the four kinds
    Nanos ttl = 300 * kSecond;           ///< of a name that was found
    Nanos negative_ttl = 60 * kSecond;   ///< of one that was not
    Nanos deadline = 20 * kMillisecond;  ///< how long a question waits for its look-up
  };

  /// Asks the host (NSS) through a thread of its own.
  static std::unique_ptr<UserDb> of_host(const Clock& clock, const Limits& limits);
  /// The same with another source of names.
  static std::unique_ptr<UserDb> of_source(const Clock& clock, const Limits& limits,
                                           std::unique_ptr<NameSource> source);
  /// Only what passwd(5) and group(5) files say; "" for none of them. Of several lines for one id or name the first
  /// counts. Empty lines, comments (#) and NIS lines (+, -) are skipped; any other line that is not right is an error
  /// that names file and line.
  static Result<std::unique_ptr<UserDb>> of_files(const std::string& passwd, const std::string& group);
  /// Knows nobody: for records of other hosts.
  static std::unique_ptr<UserDb> empty();

  virtual ~UserDb() = default;
  /// Empty when unknown; 4294967295 (unset) always is. The view lives until the next call.
  virtual std::string_view user_name(uint32_t uid) = 0;
  virtual std::string_view group_name(uint32_t gid) = 0;
  virtual std::optional<uint32_t> user_id(std::string_view name) = 0;
  virtual std::optional<uint32_t> group_id(std::string_view name) = 0;
};

}  // namespace acta
