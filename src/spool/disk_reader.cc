#include "spool/disk_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "base/check.h"
#include "base/log.h"
#include "spool/listing.h"

namespace acta {

DiskQueue::DiskReader::~DiskReader() {
  const std::lock_guard lock(queue_.mutex_);
  mark_.taken = false;
}

Offset DiskQueue::DiskReader::committed() const {
  const std::lock_guard lock(queue_.mutex_);
  return mark_.committed;
}

Missed DiskQueue::DiskReader::missed() const {
  const std::lock_guard lock(queue_.mutex_);
  return mark_.missed;
}

Result<> DiskQueue::DiskReader::commit(Offset upto) {
  const std::lock_guard lock(queue_.mutex_);
  CHECK(upto <= mark_.position);
  mark_.committed = std::max(mark_.committed, upto);
  return {};
}

std::optional<DiskQueue::DiskReader::Found> DiskQueue::DiskReader::from_tail_locked(Offset at) const {
  const auto& tail = queue_.tail_;
  if (tail.empty() || at < tail.front().first) return std::nullopt;
  const auto after = std::upper_bound(tail.begin(), tail.end(), at,
                                      [](Offset offset, const Span& span) { return offset < span.first; });
  return Found{.first = (after - 1)->first, .batch = (after - 1)->batch};
}

Result<std::optional<Span>> DiskQueue::DiskReader::next(Nanos wait) {
  for (;; wait = 0) {
    std::optional<Found> found;
    Offset at;
    {
      std::unique_lock lock(queue_.mutex_);
      const auto ready = [this] { return queue_.closed_ || queue_.end_ > mark_.position; };
      if (wait > 0 && !ready()) queue_.appended_.wait_for(lock, std::chrono::nanoseconds(wait), ready);
      at = mark_.position;
      if (queue_.end_ <= at) return std::optional<Span>();
      found = from_tail_locked(at);
    }
    if (found) {
      segment_.reset();
    } else {
      auto read = from_disk(at);
      if (!read) return tl::unexpected(read.error());
      found = std::move(*read);
    }
    if (auto span = take(at, std::move(*found))) return span;
  }
}

std::optional<Span> DiskQueue::DiskReader::take(Offset at, Found found) {
  uint64_t fresh = 0;
  {
    const std::lock_guard lock(queue_.mutex_);
    if (mark_.position != at) return std::nullopt;  // given up meanwhile, and counted so
    if (found.first > at) {
      const uint64_t missed =
          queue_.pass_locked(name_, mark_, found.first, LossReason::spool_damaged, queue_.clock_.realtime());
      if (missed > 0) fresh = queue_.note_lost_locked(at, found.first);
    }
    if (found.batch) mark_.position = found.first + found.batch->size();
  }
  if (fresh > 0) say_lost(at, found.first);
  if (!found.batch) return std::nullopt;
  if (found.first >= at) return Span{.first = found.first, .batch = std::move(found.batch)};
  // A commit inside a batch: the rest of it.
  auto rest = std::make_shared<Batch>();
  for (size_t i = at - found.first; i < found.batch->size(); ++i)
    rest->add((*found.batch)[i].meta, (*found.batch)[i].json);
  return Span{.first = at, .batch = std::move(rest)};
}

void DiskQueue::DiskReader::say_lost(Offset from, Offset to) {
  std::string copy;
  if (segment_ != nullptr) {
    auto kept = spool::keep_damaged(queue_.fs_, queue_.options_.directory, spool::segment_name(segment_first_));
    copy = kept ? "; a copy of the segment is " + *kept : "; no copy could be made: " + kept.error().what;
  }
  log::error("spool", fmt::format("documents {} to {} are damaged or missing, and lost: found by output {}{}", from,
                                  to - 1, name_, copy));
}

// The segment that holds `at`, or the place where the next one begins.
DiskQueue::Place DiskQueue::place_of_locked(Offset at) const {
  const auto after =
      std::upper_bound(segments_.begin(), segments_.end(), at, [](Offset o, const auto& s) { return o < s.first; });
  const Offset end = after == segments_.end() ? end_ : after->first;
  if (after == segments_.begin()) return {.found = false, .first = 0, .end = end, .log_end = end_};
  return {.found = true, .first = (after - 1)->first, .end = end, .log_end = end_};
}

Result<DiskQueue::DiskReader::Found> DiskQueue::DiskReader::from_disk(Offset at) {
  Place place;
  {
    const std::lock_guard lock(queue_.mutex_);
    place = queue_.place_of_locked(at);
  }
  if (!place.found) return Found{.first = place.end};
  if (segment_ == nullptr || segment_first_ != place.first) {
    auto opened = open_segment(place.first);
    if (!opened) return tl::unexpected(opened.error());
    if (!*opened) return Found{.first = place.end};
  }
  return next_frame(at, place);
}

// False when its file is gone, or not that of a segment any more.
Result<bool> DiskQueue::DiskReader::open_segment(Offset first) {
  segment_.reset();
  auto opened =
      spool::SegmentReader::open(queue_.fs_, queue_.path(spool::segment_name(first)), first, queue_.options_.key);
  if (!opened && (opened.error().code == Errc::corrupt || opened.error().sys == ENOENT)) return false;
  if (!opened) return tl::unexpected(opened.error());
  segment_ = std::move(*opened);
  segment_first_ = first;
  place_ = spool::kSegmentHeaderBytes;
  return true;
}

// The next good frame of the open segment, which is that of `place`, that has documents of [at, place.end).
Result<DiskQueue::DiskReader::Found> DiskQueue::DiskReader::next_frame(Offset at, const Place& place) {
  for (;;) {
    auto header = segment_->peek(place_);
    if (!header) return tl::unexpected(header.error());
    if (*header && (*header)->end() <= at) {
      place_ += spool::kFrameHeaderBytes + (*header)->stored;
      continue;
    }
    spool::SegmentReader::Frame frame;
    auto good = segment_->read(place_, frame);
    if (!good) return tl::unexpected(good.error());
    if (*good && frame.header.first >= place.end) return Found{.first = place.end};
    auto batch = std::make_shared<Batch>();
    if (*good && frame.header.end() <= place.log_end && segment_->decode(frame, *batch)) {
      place_ = frame.after();
      return Found{.first = frame.header.first, .batch = std::move(batch)};
    }
    auto more = skip_to_good();
    if (!more) return tl::unexpected(more.error());
    if (!*more) return Found{.first = place.end};
  }
}

Result<bool> DiskQueue::DiskReader::skip_to_good() {
  auto next = segment_->find(place_ + 1);
  if (!next) return tl::unexpected(next.error());
  if (*next) place_ = **next;
  return next->has_value();
}

}  // namespace acta
