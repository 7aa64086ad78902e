#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace acta {

/// Names of user and group ids, and ids of names. Bounded, with positive and negative entries and a time to live; a look-up that takes longer than
/// the deadline is answered as unknown and finishes in the background for the next question. Called by the pipeline thread only.
class UserDb {
 public:
  struct Limits {
    size_t entries_max = 4096;
    Nanos ttl = 300 * kSecond;
    Nanos negative_ttl = 60 * kSecond;
    Nanos deadline = 20 * kMillisecond;
  };

  /// Asks the host (NSS) through a thread of its own.
  static std::unique_ptr<UserDb> of_host(const Clock& clock, const Limits& limits);
  /// Only what passwd(5) and group(5) files say; "" for none of them.
  static Result<std::unique_ptr<UserDb>> of_files(const std::string& passwd, const std::string& group);
  /// Knows nobody: for records of other hosts.
  static std::unique_ptr<UserDb> empty();

  virtual ~UserDb() = default;
  /// Empty when unknown. The view lives until the next call.
  virtual std::string_view user_name(uint32_t uid) = 0;
  virtual std::string_view group_name(uint32_t gid) = 0;
  virtual std::optional<uint32_t> user_id(std::string_view name) = 0;
  virtual std::optional<uint32_t> group_id(std::string_view name) = 0;
};

}  // namespace acta
