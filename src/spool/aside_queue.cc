#include "spool/aside_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/log.h"

namespace acta {
/// First what was set aside, then what is in memory.
class AsideQueue::AsideReader final : public Reader {
 public:
  AsideReader(AsideQueue& queue, Mark& mark, std::unique_ptr<Reader> memory)
      : queue_(queue), mark_(mark), memory_(std::move(memory)) {
    if (mark_.disk != nullptr) at_ = mark_.disk->committed();
  }

  Result<std::optional<Span>> next(Nanos wait) override {
    if (at_ < queue_.base_) {
      auto span = mark_.disk->next(0);
      if (span && *span) at_ = (*span)->end();
      return span;
    }
    auto span = memory_->next(wait);
    if (span && *span) (*span)->first += queue_.base_;
    return span;
  }

  Result<> commit(Offset upto) override {
    if (mark_.disk != nullptr) {
      if (auto done = mark_.disk->commit(std::min(upto, queue_.base_)); !done) return done;
    }
    if (upto <= queue_.base_) return {};
    if (auto done = memory_->commit(upto - queue_.base_); !done) return done;
    const std::lock_guard lock(queue_.mutex_);
    mark_.committed = upto - queue_.base_;
    return {};
  }

  [[nodiscard]] Offset committed() const override {
    const Offset of_memory = memory_->committed();
    return of_memory > 0 || mark_.disk == nullptr ? queue_.base_ + of_memory : mark_.disk->committed();
  }
  [[nodiscard]] Missed missed() const override { return mark_.disk != nullptr ? mark_.disk->missed() : Missed{}; }

 private:
  AsideQueue& queue_;
  Mark& mark_;
  std::unique_ptr<Reader> memory_;
  Offset at_ = 0;  // of the next document, while it is one that was set aside
};

AsideQueue::AsideQueue(Fs& fs, const Clock& clock, std::string directory, const MemoryLimits& limits)
    : fs_(fs), clock_(clock), directory_(std::move(directory)), memory_(limits) {}

Result<std::unique_ptr<AsideQueue>> AsideQueue::open(Fs& fs, const Clock& clock, std::string directory,
                                                     const MemoryLimits& limits) {
  auto queue = std::unique_ptr<AsideQueue>(new AsideQueue(fs, clock, std::move(directory), limits));
  if (auto there = fs.stat(queue->directory_); !there) {
    if (there.error().sys == ENOENT) return queue;
    return tl::unexpected(there.error());
  }
  if (auto opened = queue->open_disk(); !opened) return tl::unexpected(opened.error());
  queue->base_ = queue->disk_->end();
  return queue;
}

Result<> AsideQueue::open_disk() {
  DiskOptions options;
  options.directory = directory_;
  options.bytes_max = UINT64_MAX / 2;
  options.reserve_bytes = 0;
  options.new_output_at_newest = true;  // it was never owed what was set aside for others
  auto disk = DiskQueue::open(fs_, clock_, std::move(options));
  if (!disk) return tl::unexpected(disk.error());
  disk_ = std::move(*disk);
  return {};
}

Result<Offset> AsideQueue::append(Batch&& batch) {
  auto first = memory_.append(std::move(batch));
  if (first) *first += base_;
  return first;
}

Result<> AsideQueue::sync() {
  if (disk_ == nullptr) return {};
  return disk_->sync();
}

Offset AsideQueue::safe() const {
  {
    const std::lock_guard lock(mutex_);
    if (all_safe_) return base_ + memory_.end();
  }
  return base_ + memory_.safe();
}

Result<std::unique_ptr<Reader>> AsideQueue::reader(const std::string& name) {
  auto memory = memory_.reader(name);
  if (!memory) return memory;
  const std::lock_guard lock(mutex_);
  Mark& mark = marks_[name];
  mark.committed = (*memory)->committed();
  if (disk_ != nullptr && mark.disk == nullptr) {
    auto made = disk_->reader(name);
    if (!made) return made;
    mark.disk = std::move(*made);
  }
  return std::make_unique<AsideReader>(*this, mark, std::move(*memory));
}

// Copies what any output has not committed behind what is there already. In the copy an output is as far as it was.
Result<> AsideQueue::set_aside() {
  const Offset from = memory_.safe();
  const uint64_t count = memory_.end() - from;
  if (count > 0) {
    if (disk_ == nullptr) {
      if (auto opened = open_disk(); !opened) return opened;
    }
    for (auto& [name, mark] : marks_) {
      if (mark.disk != nullptr) continue;
      auto made = disk_->reader(name);
      if (!made) return tl::unexpected(made.error());
      mark.disk = std::move(*made);
    }
    const Offset at = disk_->end();
    for (const Span& span : memory_.spans()) {
      Batch copy;
      for (size_t i = span.first < from ? from - span.first : 0; i < span.batch->size(); ++i)
        copy.add((*span.batch)[i].meta, (*span.batch)[i].json);
      if (auto done = disk_->append(std::move(copy)); !done) return tl::unexpected(done.error());
    }
    for (auto& [name, mark] : marks_) {
      if (mark.committed <= from) continue;
      if (auto done = commit_in_copy(*mark.disk, at + (mark.committed - from)); !done) return done;
    }
    log::info("queue", fmt::format("{} documents are not delivered everywhere: set aside in {} for the next start",
                                   count, directory_));
  }
  if (auto synced = sync(); !synced) return synced;
  const std::lock_guard lock(mutex_);
  all_safe_ = true;
  return {};
}

// A reader commits only what it has read.
Result<> AsideQueue::commit_in_copy(Reader& reader, Offset upto) {
  for (Offset read = reader.committed(); read < upto;) {
    auto span = reader.next(0);
    if (!span) return tl::unexpected(span.error());
    if (!*span) return fail(Errc::corrupt, directory_ + ": what was set aside cannot be read back");
    read = (*span)->end();
  }
  return reader.commit(upto);
}

std::vector<Loss> AsideQueue::take_losses() {
  return disk_ != nullptr ? disk_->take_losses() : std::vector<Loss>{};
}

void AsideQueue::close() {
  memory_.close();
  if (disk_ != nullptr) disk_->close();
}

}  // namespace acta
