#pragma once
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "report/reading.h"
#include "report/source.h"

namespace acta::report {

/// Documents of a cluster as they come: what is there, then every kLook what came since, by the time at which the
/// cluster took it (event.ingested). What was asked for before is told by its id. next() is false between two looks,
/// and while the cluster does not answer, which is said in the log; only the first look fails. Memory: the ids of
/// kOverlap. One thread.
class FollowedCluster final : public Source {
 public:
  static constexpr Nanos kLook = 2 * kSecond;
  /// A document can be found only some time after its event.ingested: the index is refreshed every second or so.
  static constexpr Nanos kOverlap = 15 * kSecond;
  /// Of more documents in that time, some are given twice.
  static constexpr size_t kIdsMax = 500'000;

  using Open = std::function<Result<std::unique_ptr<Source>>(const Wanted&)>;

  /// `clock` outlives it.
  FollowedCluster(Wanted wanted, Open open, const Clock& clock)
      : wanted_(std::move(wanted)), open_(std::move(open)), clock_(clock) {}

  Result<bool> next(Document& document) override;
  [[nodiscard]] std::string name() const override { return source_ ? source_->name() : ""; }
  [[nodiscard]] std::string where() const override { return source_ ? source_->where() : ""; }
  [[nodiscard]] const Unread& unread() const override { return unread_; }

 private:
  bool is_new(const Document& document);
  void end_look();
  Result<bool> failed(const Error& error);

  Wanted wanted_;
  const Open open_;
  const Clock& clock_;
  std::unique_ptr<Source> source_;              ///< of the look under way
  bool looked_ = false;                         ///< a look came to its end
  Nanos next_look_ = 0;                         ///< monotonic
  Nanos newest_ = INT64_MIN;                    ///< when the newest document came
  std::unordered_map<std::string, Nanos> ids_;  ///< of what came last, and when
  Unread unread_;
};

}  // namespace acta::report
