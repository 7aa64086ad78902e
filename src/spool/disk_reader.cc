#include "spool/disk_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "base/log.h"

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
  CHECK(upto <= queue_.end_);
  mark_.committed = std::max(mark_.committed, upto);
  return {};
}

std::optional<Span> DiskQueue::DiskReader::from_tail_locked() {
  const auto& tail = queue_.tail_;
  if (tail.empty() || at_ < tail.front().first) return std::nullopt;
  const auto after =
      std::upper_bound(tail.begin(), tail.end(), at_, [](Offset at, const Span& span) { return at < span.first; });
  return *(after - 1);
}

// A batch that begins before at_ (a commit inside it) is given from at_ on.
Span DiskQueue::DiskReader::cut(Offset first, std::shared_ptr<const Batch> batch) const {
  if (first >= at_) return {.first = first, .batch = std::move(batch)};
  auto rest = std::make_shared<Batch>();
  for (size_t i = at_ - first; i < batch->size(); ++i) rest->add((*batch)[i].meta, (*batch)[i].json);
  return {.first = at_, .batch = std::move(rest)};
}

Result<std::optional<Span>> DiskQueue::DiskReader::next(Nanos wait) {
  std::optional<Span> span;
  Offset end;
  {
    std::unique_lock lock(queue_.mutex_);
    queue_.appended_.wait_for(lock, std::chrono::nanoseconds(wait),
                              [this] { return queue_.closed_ || queue_.end_ > at_; });
    at_ = mark_.position;  // drop_oldest moves it
    end = queue_.end_;
    if (end <= at_) return std::optional<Span>();
    span = from_tail_locked();
  }
  if (span) {
    span = cut(span->first, std::move(span->batch));
    segment_.reset();
  } else {
    auto read = from_disk(end);
    if (!read) return read;
    span = std::move(*read);
  }
  if (!span) return span;
  const std::lock_guard lock(queue_.mutex_);
  if (mark_.position > at_) return std::optional<Span>();  // given up while it was read
  if (span->first > at_)
    queue_.miss_locked(name_, mark_, span->first, LossReason::spool_damaged, queue_.clock_.realtime());
  at_ = mark_.position = span->end();
  return span;
}

// Opens the segment that has at_, and finds the frame in it. False when its file is gone meanwhile.
Result<bool> DiskQueue::DiskReader::open_segment() {
  {
    const std::lock_guard lock(queue_.mutex_);
    const auto& segments = queue_.segments_;
    const auto after =
        std::upper_bound(segments.begin(), segments.end(), at_, [](Offset at, const auto& s) { return at < s.first; });
    const auto found = after == segments.begin() ? segments.begin() : after - 1;
    CHECK(found != segments.end());
    segment_first_ = found->first;
  }
  auto opened = spool::SegmentReader::open(queue_.fs_, queue_.path(spool::segment_name(segment_first_)), segment_first_,
                                           queue_.options_.key);
  if (!opened) return tl::unexpected(opened.error());
  segment_ = std::move(*opened);
  place_ = spool::kSegmentHeaderBytes;
  for (;;) {
    auto header = segment_->peek(place_);
    if (!header) return tl::unexpected(header.error());
    if (!*header || (*header)->end() > at_) return true;
    place_ += spool::kFrameHeaderBytes + (*header)->stored;
  }
}

Result<std::optional<Span>> DiskQueue::DiskReader::from_disk(Offset end) {
  const auto segment_end = [this, end] {
    const std::lock_guard lock(queue_.mutex_);
    const auto& segments = queue_.segments_;
    const auto next = std::upper_bound(segments.begin(), segments.end(), segment_first_,
                                       [](Offset at, const auto& s) { return at < s.first; });
    return next == segments.end() ? end : next->first;
  };
  if (segment_ != nullptr && at_ >= segment_end()) segment_.reset();
  if (segment_ == nullptr) {
    if (auto opened = open_segment(); !opened) return tl::unexpected(opened.error());
  }
  spool::SegmentReader::Frame frame;
  auto good = segment_->read(place_, frame);
  if (!good) return tl::unexpected(good.error());
  auto batch = std::make_shared<Batch>();
  if (!*good || frame.header.end() <= at_ || !segment_->decode(frame, *batch)) return damaged(segment_end());
  place_ = frame.after();
  return cut(frame.header.first, std::move(batch));
}

// The frame at place_ is not good: goes on at the next good one of the segment, or with the next segment.
Result<std::optional<Span>> DiskQueue::DiskReader::damaged(Offset segment_end) {
  auto next = segment_->find(place_ + 1);
  if (!next) return tl::unexpected(next.error());
  Offset on = segment_end;
  if (*next) {
    auto header = segment_->peek(**next);
    if (!header) return tl::unexpected(header.error());
    if (*header) on = std::clamp((*header)->first, at_, segment_end);
    place_ = **next;
  }
  if (on > at_) {
    auto kept = spool::keep_damaged(queue_.fs_, queue_.options_.directory, spool::segment_name(segment_first_), 0);
    log::error("spool", fmt::format("documents {} to {} are damaged and lost to output {}; {}", at_, on - 1, name_,
                                    kept ? "a copy of the segment is " + *kept : kept.error().what));
    queue_.counts_.lost += on - at_;
    const std::lock_guard lock(queue_.mutex_);
    queue_.miss_locked(name_, mark_, on, LossReason::spool_damaged, queue_.clock_.realtime());
    at_ = on;
  }
  if (!*next) segment_.reset();
  return std::optional<Span>();
}

}  // namespace acta
