#include "spool/disk_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "spool/disk_reader.h"

namespace acta {
namespace {

constexpr size_t kTailBytes = 4u << 20;
constexpr Nanos kSayAgain = 60 * kSecond;

}  // namespace

DiskQueue::DiskQueue(Fs& fs, const Clock& clock, DiskOptions options)
    : fs_(fs), clock_(clock), options_(std::move(options)) {}
DiskQueue::~DiskQueue() = default;

Result<std::unique_ptr<DiskQueue>> DiskQueue::open(Fs& fs, const Clock& clock, DiskOptions options) {
  auto queue = std::unique_ptr<DiskQueue>(new DiskQueue(fs, clock, std::move(options)));
  const std::string& directory = queue->options_.directory;
  if (auto made = fs.make_dirs(directory); !made) return tl::unexpected(made.error());
  auto lock = fs.lock(queue->path("lock"));
  if (!lock) return tl::unexpected(lock.error());
  queue->lock_ = std::move(*lock);
  auto recovered = spool::recover(fs, directory, queue->options_.key);
  if (!recovered) return tl::unexpected(recovered.error());
  queue->recovered_ = std::move(*recovered);
  queue->segments_.assign(queue->recovered_.segments.begin(), queue->recovered_.segments.end());
  queue->end_ = queue->synced_ = queue->recovered_.end;
  queue->counts_.lost = queue->recovered_.lost;
  if (queue->recovered_.lost > 0) {
    const Nanos now = clock.realtime();
    queue->lose_locked({.reason = LossReason::spool_damaged, .count = queue->recovered_.lost, .from = now, .to = now});
  }
  for (const spool::SegmentInfo& segment : queue->segments_) queue->counts_.bytes += segment.bytes;
  for (const spool::ReaderFile& file : queue->recovered_.readers) {
    auto stat = fs.stat(queue->path(file.name + std::string(spool::kReaderSuffix)));
    queue->marks_[file.name] = {
        .committed = file.committed, .durable = file.committed, .seen = stat ? stat->mtime : clock.realtime()};
  }
  return queue;
}

// Lets the writer go and begins a segment at the end of the log.
Result<> DiskQueue::roll() {
  auto made = spool::SegmentWriter::create(
      fs_, {.directory = options_.directory, .level = options_.level, .master = options_.key}, end_, safe());
  if (!made) return tl::unexpected(made.error());
  writer_ = std::move(*made);
  const std::lock_guard lock(mutex_);
  unsynced_.push_back(writer_);
  directory_unsynced_ = true;
  segments_.push_back({.first = end_, .bytes = writer_->bytes(), .mtime = clock_.realtime()});
  counts_.bytes += writer_->bytes();
  return {};
}

Result<> DiskQueue::write(const Batch& batch) {
  if (writer_ == nullptr || writer_->broken()) {
    if (auto rolled = roll(); !rolled) return rolled;
  }
  auto frame = writer_->frame(batch, end_, safe());
  if (!frame) return tl::unexpected(frame.error());
  if (writer_->bytes() > spool::kSegmentHeaderBytes && writer_->bytes() + frame->size() > options_.segment_bytes) {
    if (auto rolled = roll(); !rolled) return rolled;
    frame = writer_->frame(batch, end_, safe());
    if (!frame) return tl::unexpected(frame.error());
  }
  if (!room_for(frame->size()))
    return fail(Errc::full, "the spool has reached queue.disk.max_size, or the file system its reserve");
  if (auto written = writer_->append(*frame); !written) return written;
  const std::lock_guard lock(mutex_);
  segments_.back().bytes = writer_->bytes();
  segments_.back().mtime = clock_.realtime();
  counts_.bytes += frame->size();
  counts_.frames += 1;
  return {};
}

bool DiskQueue::room_for(uint64_t bytes) {
  const auto free = fs_.free_bytes(options_.directory);
  const bool reserve_kept = !free || *free >= options_.reserve_bytes + bytes;
  const std::lock_guard lock(mutex_);
  const auto fits = [&] { return counts_.bytes + bytes <= options_.bytes_max && reserve_kept; };
  if (options_.when_full == DiskOptions::WhenFull::block) return fits();
  while (counts_.bytes + bytes > options_.bytes_max && drop_oldest_locked(LossReason::queue_dropped)) {
  }
  return fits();
}

// Gives up the oldest segment, except the one being written; its file goes with the next sync.
bool DiskQueue::drop_oldest_locked(LossReason reason) {
  if (segments_.size() < 2) return false;
  const Offset upto = segments_[1].first;
  const spool::SegmentInfo& oldest = segments_.front();
  (reason == LossReason::expired ? counts_.expired : counts_.dropped) +=
      upto - std::max(oldest.first, std::min(upto, floor_locked()));
  for (auto& [name, mark] : marks_) {
    if (mark.configured) miss_locked(name, mark, upto, reason, oldest.mtime);
    mark.committed = std::max(mark.committed, upto);
  }
  counts_.bytes -= oldest.bytes;
  retired_.push_back(spool::segment_name(oldest.first));
  segments_.pop_front();
  return true;
}

// The output will not get what it has not read yet of the documents before `upto`.
void DiskQueue::miss_locked(const std::string& name, Mark& mark, Offset upto, LossReason reason, Nanos at) {
  if (mark.position >= upto) return;
  const uint64_t count = upto - mark.position;
  if (reason == LossReason::expired) mark.missed.expired += count;
  if (reason == LossReason::queue_dropped) mark.missed.dropped += count;
  if (reason == LossReason::spool_damaged) mark.missed.damaged += count;
  lose_locked({.reason = reason,
               .output = name,
               .count = count,
               .from = at,
               .to = at,
               .serials = {{.first = mark.position, .last = upto - 1}}});
  mark.position = upto;
}

void DiskQueue::lose_locked(Loss loss) {
  const auto like = std::find_if(losses_.begin(), losses_.end(), [&](const Loss& l) { return l.is_like(loss); });
  if (like != losses_.end()) return like->merge(loss);
  losses_.push_back(std::move(loss));
}

std::vector<Loss> DiskQueue::take_losses() {
  const std::lock_guard lock(mutex_);
  return std::exchange(losses_, {});
}

// A refusal that ends by itself is Errc::full, said once a minute; anything else is passed on.
Result<Offset> DiskQueue::refuse(const Error& error) {
  if (error.code != Errc::full && error.code != Errc::io && error.code != Errc::denied) return tl::unexpected(error);
  const Nanos now = clock_.monotonic();
  if (said_full_ == INT64_MIN || now - said_full_ >= kSayAgain) {
    said_full_ = now;
    log::warning("spool", error.what + "; waiting, nothing is lost");
  }
  return fail(Errc::full, error.what, error.sys);
}

Result<Offset> DiskQueue::append(Batch&& batch) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return fail(Errc::closed, "the spool is closed");
    if (failed_)
      return fail(Errc::io, "the spool's disk failed to sync: what was not safe will be read again after a restart");
    if (batch.empty()) return end_;
  }
  if (auto written = write(batch); !written) return refuse(written.error());
  said_full_ = INT64_MIN;
  Offset first;
  {
    const std::lock_guard lock(mutex_);
    first = end_;
    end_ += batch.size();
    remember(std::move(batch), first);
  }
  appended_.notify_all();
  if (options_.sync == DiskOptions::Sync::always) {
    if (auto synced = sync(); !synced) return tl::unexpected(synced.error());
  }
  return first;
}

void DiskQueue::remember(Batch&& batch, Offset first) {
  tail_bytes_ += batch.bytes();
  tail_.push_back({.first = first, .batch = std::make_shared<const Batch>(std::move(batch))});  // shared: see Span
  while (tail_bytes_ > kTailBytes && !tail_.empty()) {
    tail_bytes_ -= tail_.front().batch->bytes();
    tail_.pop_front();
  }
}

void DiskQueue::wait_for_room(Nanos wait) {
  std::unique_lock lock(mutex_);
  if (!closed_ && !failed_) freed_.wait_for(lock, std::chrono::nanoseconds(wait));
}

Offset DiskQueue::safe() const {
  const std::lock_guard lock(mutex_);
  return options_.sync == DiskOptions::Sync::never ? end_ : synced_;
}

Offset DiskQueue::end() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

void DiskQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  appended_.notify_all();
  freed_.notify_all();
}

Result<std::unique_ptr<Reader>> DiskQueue::reader(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto [found, fresh] = marks_.try_emplace(name);
  Mark& mark = found->second;
  if (mark.taken) return fail(Errc::unsupported, "the spool has a reader " + name + " already");
  if (fresh) {
    const Offset oldest = segments_.empty() ? end_ : segments_.front().first;
    mark.committed = options_.new_output_at_newest ? end_ : oldest;
    mark.durable = 0;
  }
  mark.configured = mark.taken = true;
  mark.position = mark.committed;
  mark.missed = {};
  return std::make_unique<DiskReader>(*this, name, mark);
}

}  // namespace acta
