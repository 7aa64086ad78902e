#include "sys/record_ring.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace acta {
namespace {

constexpr size_t kSpareMax = 4;
// Losses of one part that are told each in its place; further ones join the last.
constexpr size_t kLossesMax = 256;
constexpr size_t kRecordBytesMax = UINT32_MAX;

}  // namespace

RecordRing::RecordRing(const Limits& limits) : limits_(limits), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

// The part to add to: the last one, unless it is full.
RecordRing::Part& RecordRing::back_part(size_t size) {
  if (!parts_.empty() && (parts_.back().bytes.empty() || parts_.back().bytes.size() + size <= kPartBytes))
    return parts_.back();
  if (spare_.empty()) {
    parts_.emplace_back().bytes.reserve(kPartBytes);
  } else {
    parts_.push_back(std::move(spare_.back()));
    spare_.pop_back();
  }
  return parts_.back();
}

bool RecordRing::push(std::string_view record, uint64_t serial, Nanos now) {
  const std::lock_guard lock(mutex_);
  const uint64_t number = counts_.received++;
  const bool fits = counts_.held < limits_.records_max && record.size() <= limits_.bytes_max - counts_.held_bytes &&
                    record.size() < kRecordBytesMax - kPartBytes;
  if (!fits) {
    ++counts_.dropped;
    Loss loss{.reason = LossReason::ring_full, .count = 1, .from = now, .to = now};
    if (serial != 0) loss.add_serials({.first = serial, .last = serial});
    lose(loss);
    return false;
  }
  Part& part = back_part(record.size());
  part.slots.push_back({.number = number,
                        .offset = static_cast<uint32_t>(part.bytes.size()),
                        .size = static_cast<uint32_t>(record.size())});
  part.bytes.insert(part.bytes.end(), record.begin(), record.end());
  counts_.held_bytes += record.size();
  counts_.held_most = std::max(counts_.held_most, ++counts_.held);
  if (parts_.size() > 1) wake();
  return true;
}

void RecordRing::lost(const Loss& loss) {
  const std::lock_guard lock(mutex_);
  lose(loss);
}

void RecordRing::lose(const Loss& loss) {
  Part& part = back_part(0);
  std::vector<RawBatch::Lost>& losses = part.losses;
  for (auto last = losses.rbegin(); last != losses.rend(); ++last) {
    if (last->at != part.slots.size() && losses.size() < kLossesMax) break;
    if (last->loss.is_like(loss)) return last->loss.merge(loss);
  }
  losses.push_back({.at = part.slots.size(), .loss = loss});
}

void RecordRing::tell() {
  const std::lock_guard lock(mutex_);
  if (!parts_.empty()) wake();
}

// An eventfd stays readable until it is read.
void RecordRing::wake() {
  if (wake_ && !std::exchange(told_, true)) static_cast<void>(!::eventfd_write(wake_.get(), 1));
}

bool RecordRing::drain(RawBatch& batch, const Place& place) {
  Part part;
  bool more;
  {
    const std::lock_guard lock(mutex_);
    if (parts_.empty()) return false;
    part = std::move(parts_.front());
    parts_.pop_front();
    more = !parts_.empty();
    eventfd_t ignored;
    if (!more && std::exchange(told_, false)) static_cast<void>(!::eventfd_read(wake_.get(), &ignored));
    counts_.held -= part.slots.size();
    counts_.held_bytes -= part.bytes.size();
    counts_.given += part.slots.size();
  }
  std::copy(part.bytes.begin(), part.bytes.end(), batch.room(part.bytes.size()));
  const size_t base = batch.keep(part.bytes.size());
  auto loss = part.losses.begin();
  const auto give_losses = [&](size_t upto) {
    for (; loss != part.losses.end() && loss->at <= upto; ++loss) {
      loss->loss.source = place.source;
      batch.lost(std::move(loss->loss));
    }
  };
  for (size_t i = 0; i < part.slots.size(); ++i) {
    give_losses(i);
    const Slot& slot = part.slots[i];
    batch.item({.kind = place.kind,
                .source = place.source,
                .begin = {place.run, slot.number},
                .end = {place.run, slot.number + 1},
                .origin = place.origin},
               base + slot.offset, slot.size);
  }
  give_losses(part.slots.size());
  part.bytes.clear();
  part.slots.clear();
  part.losses.clear();
  const std::lock_guard lock(mutex_);
  if (spare_.size() < kSpareMax && part.bytes.capacity() <= kPartBytes) spare_.push_back(std::move(part));
  return more;
}

RecordRing::Counts RecordRing::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace acta
