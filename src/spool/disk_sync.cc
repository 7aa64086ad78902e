// What sync() does, off the appending thread: segments, readers' offsets, removal.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/log.h"
#include "spool/disk_queue.h"
#include "spool/listing.h"

namespace acta {
namespace {

constexpr Nanos kGraceParts = 4;  // the file of an output without commits is written again in this part of its grace

}  // namespace

// The order matters: what is given up now is removed only after the readers' files that pass it.
Result<> DiskQueue::sync() {
  const std::lock_guard one(sync_mutex_);
  if (auto done = sync_segments(); !done) return done;
  std::vector<spool::SegmentInfo> gone = expire();
  if (!save_readers()) {  // after a crash their files would ask for what was given up: it stays until they do not
    const std::lock_guard lock(mutex_);
    given_up_.insert(given_up_.begin(), gone.begin(), gone.end());
    gone.clear();
  }
  forget_removed_readers();
  retire(std::move(gone));
  return {};
}

// Data, then the directory, then the synced offset.
Result<> DiskQueue::sync_segments() {
  std::vector<std::shared_ptr<spool::SegmentWriter>> writers;  // shared: the appending thread may let them go meanwhile
  Offset upto;
  uint64_t bytes;
  bool directory;
  {
    const std::lock_guard lock(mutex_);
    if (failed_) return fail(Errc::io, "the spool's disk failed to sync");
    if (synced_ == end_ && !directory_unsynced_) return {};
    writers = unsynced_;
    upto = end_;
    bytes = unsynced_bytes_;
    directory = directory_unsynced_;
    directory_unsynced_ = false;
  }
  Result<> done;
  if (options_.sync != DiskOptions::Sync::never) done = sync_files(writers, directory);
  {
    const std::lock_guard lock(mutex_);
    if (!done) {
      failed_ = true;  // after a failed fdatasync the kernel may have dropped the pages: a second one proves nothing
      return done;
    }
    counts_.syncs += 1;
    unsynced_bytes_ -= bytes;
    synced_ = std::max(synced_, upto);
    std::erase_if(unsynced_, [&](const auto& writer) {
      return writer != unsynced_.back() && std::find(writers.begin(), writers.end(), writer) != writers.end();
    });
  }
  if (options_.sync != DiskOptions::Sync::never && upto > recovered_.end) note_synced(upto);
  return {};
}

// A segment whose name somebody removed is not safe, whatever fdatasync says.
Result<> DiskQueue::sync_files(const std::vector<std::shared_ptr<spool::SegmentWriter>>& writers, bool directory) {
  for (const auto& writer : writers) {
    if (auto done = writer->sync(); !done) return done;
    const std::string file = path(spool::segment_name(writer->first()));
    const auto there = fs_.stat(file);
    if (!there && there.error().sys == ENOENT && is_segment(writer->first()))
      return fail(Errc::io, file + " was removed by somebody: what was not safe will be read again after a restart");
  }
  if (directory) return fs_.sync_dir(options_.directory);
  return {};
}

// False when it was given up, or begun anew.
bool DiskQueue::is_segment(Offset first) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(segments_.begin(), segments_.end(), [first](const auto& s) { return s.first == first; });
}

// A hint for recovery, not synced itself: it can only say too little.
void DiskQueue::note_synced(Offset upto) {
  if (!synced_file_) {
    auto opened = fs_.open(path(spool::kSyncedName), OpenMode::append);
    if (!opened) return;
    synced_file_ = std::move(*opened);
  }
  const bool written = synced_file_->truncate(0) && synced_file_->append(spool::encode_synced(upto));
  if (!written) synced_file_.reset();
}

// Also the places of outputs that are not configured now: what is given up moves them. False when one is not saved.
bool DiskQueue::save_readers() {
  std::vector<spool::ReaderFile> changed;
  {
    const std::lock_guard lock(mutex_);
    const Nanos now = clock_.realtime();
    for (const auto& [name, mark] : marks_) {
      const bool old = mark.seen == 0 || now - mark.seen > options_.removed_output_grace / kGraceParts;
      if (mark.committed != mark.durable || (mark.configured && old)) changed.push_back({name, mark.committed});
    }
  }
  bool all = true;
  for (const spool::ReaderFile& file : changed) {
    // It is tried again with the next sync; segments stay until then.
    auto saved = save_reader(file.name, file.committed);
    all = all && saved;
    if (!saved && !said_unsaved_) log::warning("spool", saved.error().what + "; trying again");
    said_unsaved_ = !saved;
  }
  return all;
}

Result<> DiskQueue::save_reader(const std::string& name, Offset committed) {
  if (auto written = spool::write_reader_file(fs_, options_.directory, {name, committed}); !written) return written;
  const std::lock_guard lock(mutex_);
  Mark& mark = marks_[name];
  mark.durable = committed;
  if (mark.configured || mark.seen == 0) mark.seen = clock_.realtime();
  return {};
}

// A place is forgotten when its file is gone for good: one that came back after a crash of the host would ask for
// documents that are removed by then.
void DiskQueue::forget_removed_readers() {
  std::vector<std::string> removed;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, mark] : marks_) {
      const bool kept = mark.configured || clock_.realtime() - mark.seen < options_.removed_output_grace;
      if (!kept) removed.push_back(name);
    }
  }
  if (removed.empty()) return;
  Result<> done;
  for (const std::string& name : removed) {
    const auto gone = fs_.remove(path(name + std::string(spool::kReaderSuffix)));
    if (!gone && gone.error().sys != ENOENT) done = gone;
  }
  if (done) done = fs_.sync_dir(options_.directory);
  if (!done) return log::warning("spool", done.error().what + "; trying again");
  const std::lock_guard lock(mutex_);
  for (const std::string& name : removed) {
    marks_.erase(name);
    log::warning("spool", "output " + name + " is not configured any more: its place in the spool is forgotten");
  }
}

// Gives up what is too old; returns all that was given up.
std::vector<spool::SegmentInfo> DiskQueue::expire() {
  const std::lock_guard lock(mutex_);
  const Nanos now = clock_.realtime();
  while (options_.age_max > 0 && segments_.size() > 1 && now - segments_.front().mtime > options_.age_max &&
         give_up_oldest_locked(LossReason::expired)) {
  }
  return std::exchange(given_up_, {});
}

// What every reader is durably done with.
Offset DiskQueue::floor_locked() const {
  Offset floor = end_;
  for (const auto& [name, mark] : marks_) floor = std::min(floor, std::min(mark.committed, mark.durable));
  return floor;
}

// Removes what was given up, and the segments that all readers have durably passed. On a disk that others keep full
// the readers' files cannot be saved, and it waits: room_for() leaves kOwnBytes for them.
void DiskQueue::retire(std::vector<spool::SegmentInfo> gone) {
  const size_t given_up = gone.size();
  {
    const std::lock_guard lock(mutex_);
    while (segments_.size() > 1 && segments_[1].first <= floor_locked()) {
      counts_.bytes -= segments_.front().bytes;
      gone.push_back(segments_.front());
      segments_.pop_front();
    }
    const Offset oldest = segments_.empty() ? end_ : segments_.front().first;
    std::erase_if(lost_, [oldest](const auto& range) { return range.second <= oldest; });
    std::erase_if(unused_, [&](const auto& range) {
      return range.to <= oldest && std::all_of(marks_.begin(), marks_.end(),
                                               [&](const auto& entry) { return entry.second.position >= range.to; });
    });
  }
  if (gone.empty()) return;
  for (const spool::SegmentInfo& segment : gone) {
    if (auto done = fs_.remove(path(spool::segment_name(segment.first))); !done) log::error("spool", done.error().what);
  }
  {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < given_up; ++i) given_up_bytes_ -= gone[i].bytes;
  }
  freed_.notify_all();
}

}  // namespace acta
