#include "pipeline/channel.h"

#include <chrono>

namespace acta {
namespace {
constexpr size_t kSpareMax = 4;
}

bool Channel::has_room() const {
  const std::lock_guard lock(mutex_);
  return bytes_ < bytes_max_;
}

bool Channel::wait_for_room(Nanos wait) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, std::chrono::nanoseconds(wait), [this] { return bytes_ < bytes_max_; });
}

void Channel::push(RawBatch&& batch) {
  {
    const std::lock_guard lock(mutex_);
    bytes_ += batch.bytes();
    if (batch.size() > 0) {
      const size_t source = batch[0].source;
      if (records_.size() <= source) records_.resize(source + 1);
      records_[source] += batch.size();
    }
    batches_.push_back(std::move(batch));
    caught_up_ = false;
  }
  filled_.notify_one();
}

void Channel::caught_up() {
  const std::lock_guard lock(mutex_);
  caught_up_ = true;
}

void Channel::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  filled_.notify_all();
}

std::optional<RawBatch> Channel::take(Nanos wait) {
  std::optional<RawBatch> batch;
  {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, std::chrono::nanoseconds(wait), [this] { return closed_ || !batches_.empty(); });
    if (batches_.empty()) return batch;
    batch = std::move(batches_.front());
    batches_.pop_front();
    bytes_ -= batch->bytes();
    if (batch->size() > 0) records_[(*batch)[0].source] -= batch->size();
  }
  emptied_.notify_one();
  return batch;
}

bool Channel::finished() const {
  const std::lock_guard lock(mutex_);
  return closed_ && batches_.empty();
}

bool Channel::drained() const {
  const std::lock_guard lock(mutex_);
  return batches_.empty() && caught_up_;
}

uint64_t Channel::records(uint16_t source) const {
  const std::lock_guard lock(mutex_);
  return source < records_.size() ? records_[source] : 0;
}

RawBatch Channel::fresh() {
  const std::lock_guard lock(mutex_);
  if (spare_.empty()) return {};
  RawBatch batch = std::move(spare_.back());
  spare_.pop_back();
  return batch;
}

void Channel::recycle(RawBatch&& batch) {
  batch.clear();
  const std::lock_guard lock(mutex_);
  if (spare_.size() < kSpareMax) spare_.push_back(std::move(batch));
}

}  // namespace acta
