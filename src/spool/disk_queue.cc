#include "spool/disk_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "spool/disk_reader.h"
#include "spool/listing.h"

namespace acta {
namespace {

constexpr size_t kTailBytes = 2u << 20;
constexpr Nanos kEpisode = 60 * kSecond;   // refusals closer than this are said once
constexpr uint64_t kOwnBytes = 64u << 10;  // left on the disk for the readers' files: without them nothing is freed
constexpr Nanos kAgeParts = 4;             // a segment covers at most this part of max_age

}  // namespace

DiskQueue::DiskQueue(Fs& fs, const Clock& clock, DiskOptions options)
    : fs_(fs), clock_(clock), options_(std::move(options)) {}
DiskQueue::~DiskQueue() = default;

Result<std::unique_ptr<DiskQueue>> DiskQueue::open(Fs& fs, const Clock& clock, DiskOptions options) {
  auto queue = std::unique_ptr<DiskQueue>(new DiskQueue(fs, clock, std::move(options)));
  if (auto done = queue->recover(); !done) {
    Error error = done.error();
    if (error.code == Errc::full) error.what += ": free some space there, or name another queue.disk.path";
    if (error.sys != 0 && error.code != Errc::full)
      error.what += ": the spool needs a directory of its own that the agent's user may write (queue.disk.path)";
    return tl::unexpected(error);
  }
  return queue;
}

// A directory with something else in it is not taken over: it may have been named by mistake.
Result<> DiskQueue::check_directory() const {
  auto listing = spool::list_spool(fs_, options_.directory);
  if (!listing) return tl::unexpected(listing.error());
  for (const std::string& name : listing->foreign) {
    if (listing->spool() || name == "lost+found") continue;
    return fail(Errc::config, options_.directory + " is not empty and not a spool (" + name +
                                  " is in it): give queue.disk.path a directory of its own");
  }
  return {};
}

Result<> DiskQueue::recover() {
  if (auto made = fs_.make_dirs(options_.directory); !made) return made;
  if (auto checked = check_directory(); !checked) return checked;
  auto lock = fs_.lock(path(spool::kLockName));
  if (!lock) return tl::unexpected(lock.error());
  lock_ = std::move(*lock);
  auto recovered = spool::recover(fs_, options_.directory, options_.key);
  if (!recovered) return tl::unexpected(recovered.error());
  recovered_ = std::move(*recovered);
  segments_.assign(recovered_.segments.begin(), recovered_.segments.end());
  end_ = synced_ = recovered_.end;
  for (const spool::SegmentInfo& segment : segments_) {
    counts_.bytes += segment.bytes;
    if (segment.gap_from < segment.first) unused_.push_back({segment.gap_from, segment.first});
  }
  if (recovered_.log_end < end_ && !segments_.empty()) unused_.push_back({recovered_.log_end, end_});
  for (const spool::Range& range : recovered_.lost) note_lost_locked(range.from, range.to);
  for (const spool::ReaderFile& file : recovered_.readers) {
    auto stat = fs_.stat(path(file.name + std::string(spool::kReaderSuffix)));
    marks_[file.name] = {.committed = file.committed,
                         .durable = file.committed,
                         .position = file.committed,
                         .missed = {},
                         .seen = stat ? stat->mtime : clock_.realtime()};
  }
  return {};
}

// Lets the writer go and begins a segment at the end of the log.
Result<> DiskQueue::roll() {
  if (writer_ != nullptr && writer_->empty()) {  // what could not be cut off is behind its header: it begins anew
    leftover_ = spool::segment_name(writer_->first());
    const std::lock_guard lock(mutex_);
    counts_.bytes -= segments_.back().bytes;
    segments_.pop_back();
    std::erase(unsynced_, writer_);
    writer_.reset();
  }
  if (!leftover_.empty() && fs_.stat(path(leftover_))) {
    if (auto removed = fs_.remove(path(leftover_)); !removed) return removed;
  }
  leftover_.clear();
  const bool after_gap = end_ == recovered_.end && recovered_.log_end < end_;
  const Offset synced = after_gap ? recovered_.log_end : safe();
  auto made = spool::SegmentWriter::create(
      fs_, {.directory = options_.directory, .level = options_.level, .master = options_.key}, end_, synced, after_gap);
  if (!made) {
    if (made.error().sys != EEXIST) leftover_ = spool::segment_name(end_);
    return tl::unexpected(made.error());
  }
  writer_ = std::move(*made);
  begun_ = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  unsynced_.push_back(writer_);
  directory_unsynced_ = true;
  segments_.push_back({.first = end_,
                       .bytes = writer_->bytes(),
                       .mtime = clock_.realtime(),
                       .gap_from = after_gap ? recovered_.log_end : end_});
  counts_.bytes += writer_->bytes();
  return {};
}

// A full segment ends, and with max_age one that gets old: documents expire in whole segments.
bool DiskQueue::roll_is_due(size_t frame_bytes) {
  if (writer_->empty()) return false;
  const bool old = options_.age_max > 0 && clock_.monotonic() - begun_ > options_.age_max / kAgeParts;
  return old || writer_->bytes() + frame_bytes > options_.segment_bytes;
}

Result<> DiskQueue::write(const Batch& batch) {
  if (writer_ == nullptr || writer_->broken()) {
    if (auto rolled = roll(); !rolled) return rolled;
  }
  auto frame = writer_->frame(batch, end_, safe());
  if (!frame) return tl::unexpected(frame.error());
  if (!room_for(frame->size()))
    return fail(Errc::full, "the spool has reached queue.disk.max_size, or the file system its reserve");
  if (roll_is_due(frame->size())) {
    if (auto rolled = roll(); !rolled) return rolled;
    frame = writer_->frame(batch, end_, safe());
    if (!frame) return tl::unexpected(frame.error());
  }
  if (auto written = writer_->append(*frame); !written) return written;
  const std::lock_guard lock(mutex_);
  segments_.back().bytes = writer_->bytes();
  segments_.back().mtime = clock_.realtime();
  counts_.bytes += frame->size();
  counts_.frames += 1;
  unsynced_bytes_ += frame->size();
  return {};
}

bool DiskQueue::room_for(uint64_t bytes) {
  const auto free = fs_.free_bytes(options_.directory);
  const uint64_t wanted = std::max(options_.reserve_bytes, kOwnBytes) + bytes;
  const std::lock_guard lock(mutex_);
  const auto fits = [&] {
    // A batch that is larger than all the room is taken when nothing waits: it would never get through otherwise.
    if (counts_.bytes + bytes > options_.bytes_max && floor_locked() < end_) return false;
    return !free || wanted <= given_up_bytes_ || *free >= wanted - given_up_bytes_;
  };
  if (options_.when_full == DiskOptions::WhenFull::drop_oldest) {
    while (!fits() && give_up_oldest_locked(LossReason::queue_dropped)) {
    }
  }
  // What was given up is free when the next sync has removed it.
  return fits() && (!free || *free >= wanted);
}

// Gives up the oldest segment, except the one being written; its file goes with the next sync.
bool DiskQueue::give_up_oldest_locked(LossReason reason) {
  if (segments_.size() < 2) return false;
  const Offset upto = segments_[1].first;
  uint64_t most = 0;
  for (auto& [name, mark] : marks_) {
    most = std::max(most, pass_locked(name, mark, upto, reason, segments_.front().mtime));
    mark.committed = std::max(mark.committed, upto);
  }
  (reason == LossReason::expired ? counts_.expired : counts_.dropped) += most;
  counts_.bytes -= segments_.front().bytes;
  given_up_.push_back(segments_.front());
  given_up_bytes_ += segments_.front().bytes;
  segments_.pop_front();
  return true;
}

// Moves a reader on to `upto` without documents, and counts them for it; returns how many that were. `at` is when they
// were written, as far as it is known.
uint64_t DiskQueue::pass_locked(const std::string& name, Mark& mark, Offset upto, LossReason reason, Nanos at) {
  if (upto <= mark.position) return 0;
  uint64_t unused = 0;
  for (const spool::Range& range : unused_) {
    const Offset from = std::max(range.from, mark.position), to = std::min(range.to, upto);
    if (from < to) unused += to - from;
  }
  const uint64_t documents = upto - mark.position - unused;
  const SerialRange which{.first = mark.position, .last = upto - 1};
  if (mark.committed == mark.position) mark.committed = upto;
  mark.position = upto;
  if (!mark.taken) return 0;
  mark.missed.unused += unused;
  if (documents == 0) return 0;
  if (reason == LossReason::expired) mark.missed.expired += documents;
  if (reason == LossReason::queue_dropped) mark.missed.dropped += documents;
  if (reason == LossReason::spool_damaged) mark.missed.damaged += documents;
  lose_locked({.reason = reason, .output = name, .count = documents, .from = at, .to = at, .serials = {which}});
  return documents;
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

// Counts what of [from, to) was not known to be lost; returns how much that was.
uint64_t DiskQueue::note_lost_locked(Offset from, Offset to) {
  uint64_t fresh = 0;
  const auto count = [&](Offset begin, Offset end) {
    fresh += end - begin;
    for (const spool::Range& range : unused_) {
      const Offset low = std::max(range.from, begin), high = std::min(range.to, end);
      if (low < high) fresh -= high - low;
    }
  };
  auto known = lost_.upper_bound(from);
  if (known != lost_.begin() && std::prev(known)->second >= from) --known;
  const Offset merged_from = known != lost_.end() ? std::min(from, known->first) : from;
  Offset merged_to = to;
  for (Offset at = from; known != lost_.end() && known->first <= to; known = lost_.erase(known)) {
    if (known->first > at) count(at, known->first);
    at = std::max(at, known->second);
    merged_to = std::max(merged_to, at);
    from = at;
  }
  if (from < to) count(from, to);
  lost_[merged_from] = merged_to;
  counts_.lost += fresh;
  return fresh;
}

// A refusal that ends by itself is Errc::full, said when it begins; anything else is passed on.
Result<Offset> DiskQueue::refuse(const Error& error) {
  if (error.code != Errc::full && error.code != Errc::io && error.code != Errc::denied) return tl::unexpected(error);
  if (!said_full_) log::warning("spool", error.what + "; waiting, nothing is lost");
  said_full_ = true;
  refused_at_ = clock_.monotonic();
  return fail(Errc::full, error.what, error.sys);
}

// The end of a row of refusals, which may be short breaths of a full spool.
void DiskQueue::say_room() {
  if (!said_full_ || clock_.monotonic() - refused_at_ < kEpisode) return;
  said_full_ = false;
  log::info("spool", "has room again");
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
  say_room();
  Offset first;
  bool wants_sync;
  {
    const std::lock_guard lock(mutex_);
    first = end_;
    end_ += batch.size();
    remember(std::move(batch), first);
    wants_sync = unsynced_bytes_ >= kSyncBytes && options_.sync == DiskOptions::Sync::interval;
  }
  appended_.notify_all();
  if (wants_sync && sync_wanted_) sync_wanted_();
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

// A new reader's place is written down before anything is appended: "newest" must mean the same after a crash.
Result<std::unique_ptr<Reader>> DiskQueue::reader(const std::string& name) {
  bool fresh;
  Offset begin;
  {
    const std::lock_guard lock(mutex_);
    fresh = !marks_.contains(name);
    const Offset oldest = segments_.empty() ? end_ : segments_.front().first;
    begin = options_.new_output_at_newest ? end_ : oldest;
  }
  if (fresh) {
    if (auto saved = save_reader(name, begin); !saved) return tl::unexpected(saved.error());
  }
  const std::lock_guard lock(mutex_);
  Mark& mark = marks_[name];
  if (mark.taken) return fail(Errc::unsupported, "the spool has a reader " + name + " already");
  if (fresh) {
    mark.committed = begin;
  } else {
    mark.seen = 0;  // its file is written again: the grace of an output counts from when it was configured last
  }
  mark.configured = mark.taken = true;
  mark.position = mark.committed;
  mark.missed = {};
  return std::make_unique<DiskReader>(*this, name, mark);
}

}  // namespace acta
