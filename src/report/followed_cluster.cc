#include "report/followed_cluster.h"

#include <algorithm>

#include "base/log.h"

namespace acta::report {

Result<bool> FollowedCluster::next(Document& document) {
  if (!source_) {
    if (clock_.monotonic() < next_look_) return false;
    auto opened = open_(wanted_);
    if (!opened) return failed(opened.error());
    source_ = *std::move(opened);
  }
  for (;;) {
    const auto more = source_->next(document);
    if (!more) return failed(more.error());
    if (!*more) break;
    if (is_new(document)) return true;
  }
  end_look();
  return false;
}

bool FollowedCluster::is_new(const Document& document) {
  const auto ingested = parse_time(document.text("event.ingested"));
  const Nanos came = ingested.value_or(document.timestamp().value_or(0));
  // A clock that is ahead must not hide what comes until then.
  newest_ = std::max(newest_, std::min(came, clock_.realtime()));
  if (ids_.contains(std::string(document.text("event.id")))) return false;
  if (came >= newest_ - kOverlap && ids_.size() < kIdsMax) ids_.emplace(document.text("event.id"), came);
  return true;
}

void FollowedCluster::end_look() {
  const Unread& unread = source_->unread();
  unread_.lines += unread.lines;
  unread_.places += unread.places;
  if (unread_.first.empty()) unread_.first = unread.first;
  source_.reset();
  looked_ = true;
  if (newest_ == INT64_MIN) newest_ = clock_.realtime();
  wanted_.since = newest_ - kOverlap;
  std::erase_if(ids_, [this](const auto& each) { return each.second < wanted_.since; });
  next_look_ = clock_.monotonic() + kLook;
}

Result<bool> FollowedCluster::failed(const Error& error) {
  if (!looked_) return tl::unexpected(error);
  log::warning("report", error.what + "; asked again");
  source_.reset();
  next_look_ = clock_.monotonic() + kLook;
  return false;
}

}  // namespace acta::report
