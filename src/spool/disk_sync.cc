// What sync() does, off the appending thread: segments, readers' offsets, removal.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "spool/disk_queue.h"

namespace acta {

Result<> DiskQueue::sync() {
  const std::lock_guard one(sync_mutex_);
  if (auto done = sync_segments(); !done) return done;
  if (auto done = save_readers(); !done) return done;
  if (auto done = forget_removed_readers(); !done) return done;
  return retire();
}

// Data, then the directory, then the synced offset.
Result<> DiskQueue::sync_segments() {
  std::vector<std::shared_ptr<spool::SegmentWriter>> writers;  // shared: the appending thread may let them go meanwhile
  Offset upto;
  bool directory;
  {
    const std::lock_guard lock(mutex_);
    if (failed_) return fail(Errc::io, "the spool's disk failed to sync");
    if (synced_ == end_ && !directory_unsynced_) return {};
    writers = unsynced_;
    upto = end_;
    directory = directory_unsynced_;
    directory_unsynced_ = false;
  }
  Result<> done;
  if (options_.sync != DiskOptions::Sync::never) {
    for (const auto& writer : writers) {
      if (done) done = writer->sync();
    }
    if (done && directory) done = fs_.sync_dir(options_.directory);
  }
  const std::lock_guard lock(mutex_);
  if (!done) {
    failed_ = true;  // after a failed fdatasync the kernel may have dropped the pages: a second one proves nothing
    return done;
  }
  counts_.syncs += 1;
  synced_ = std::max(synced_, upto);
  std::erase_if(unsynced_, [&](const auto& writer) {
    return writer != unsynced_.back() && std::find(writers.begin(), writers.end(), writer) != writers.end();
  });
  return {};
}

Result<> DiskQueue::save_readers() {
  std::vector<spool::ReaderFile> changed;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, mark] : marks_) {
      if (mark.configured && (mark.committed != mark.durable || mark.seen == 0))
        changed.push_back({name, mark.committed});
    }
  }
  for (const spool::ReaderFile& file : changed) {
    if (auto written = spool::write_reader_file(fs_, options_.directory, file); !written) {
      if (written.error().code != Errc::full) return written;
      log::warning("spool", written.error().what);  // it is tried again; segments stay until then
      continue;
    }
    const std::lock_guard lock(mutex_);
    marks_[file.name].durable = file.committed;
    marks_[file.name].seen = clock_.realtime();
  }
  return {};
}

Result<> DiskQueue::forget_removed_readers() {
  std::vector<std::string> removed;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(marks_, [&](const auto& entry) {
      const Mark& mark = entry.second;
      if (mark.configured || clock_.realtime() - mark.seen < options_.removed_output_grace) return false;
      removed.push_back(entry.first);
      return true;
    });
  }
  for (const std::string& name : removed) {
    log::warning("spool", "output " + name + " is not configured any more: its place in the spool is forgotten");
    if (auto done = fs_.remove(path(name + std::string(spool::kReaderSuffix))); !done) return done;
  }
  return {};
}

// What every reader is durably done with.
Offset DiskQueue::floor_locked() const {
  Offset floor = end_;
  for (const auto& [name, mark] : marks_) floor = std::min(floor, std::min(mark.committed, mark.durable));
  return floor;
}

// Removes segments that all readers have passed, or that are too old. The order matters: first the readers' files, then
// this.
Result<> DiskQueue::retire() {
  std::vector<std::string> files;
  {
    const std::lock_guard lock(mutex_);
    const Nanos now = clock_.realtime();
    while (segments_.size() > 1 && options_.age_max > 0 && now - segments_.front().mtime > options_.age_max) {
      drop_oldest_locked(LossReason::expired);
    }
    while (segments_.size() > 1 && segments_[1].first <= floor_locked()) {
      retired_.push_back(spool::segment_name(segments_.front().first));
      counts_.bytes -= segments_.front().bytes;
      segments_.pop_front();
    }
    files.swap(retired_);
  }
  for (const std::string& file : files) {
    if (auto done = fs_.remove(path(file)); !done) log::error("spool", done.error().what);
  }
  if (!files.empty()) freed_.notify_all();
  return {};
}

}  // namespace acta
