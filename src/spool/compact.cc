#include "spool/compact.h"

#include <algorithm>
#include <optional>

#include "spool/listing.h"
#include "spool/recovery.h"

namespace acta::spool {
namespace {

constexpr size_t kFrameBytes = 1u << 20;  // of documents: small frames are joined up to this

class Compactor {
 public:
  Compactor(Fs& fs, const SegmentWriter::Options& options, uint64_t segment_bytes)
      : fs_(fs), options_(options), segment_bytes_(segment_bytes) {
    options_.suffix = ".new";
  }

  Result<Compacted> run() {
    auto lock = fs_.lock(options_.directory + "/" + std::string(kLockName));
    if (!lock) return tl::unexpected(lock.error());
    auto recovered = recover(fs_, options_.directory, options_.master);
    if (!recovered) return tl::unexpected(recovered.error());
    log_end_ = recovered->log_end;
    segments_ = recovered->segments;
    for (const SegmentInfo& segment : segments_) done_.bytes_before += segment.bytes;
    done_.segments_before = segments_.size();
    floor_ = recovered->readers.empty() ? 0 : log_end_;
    for (const ReaderFile& reader : recovered->readers) floor_ = std::min(floor_, reader.committed);
    if (auto removed = remove_covered(); !removed) return tl::unexpected(removed.error());
    if (auto removed = remove_passed(); !removed) return tl::unexpected(removed.error());
    for (size_t i = 0; i < segments_.size();) {
      auto run = run_from(i);
      if (!run) return tl::unexpected(run.error());
      if (run->worth) {
        if (auto joined = join(i, run->end); !joined) return tl::unexpected(joined.error());
      } else {
        count(segments_[i].bytes);
      }
      i = run->end;
    }
    return done_;
  }

 private:
  [[nodiscard]] std::string path(uint64_t first) const { return options_.directory + "/" + segment_name(first); }

  // The last segment stays: it says where the log ends.
  Result<> remove_passed() {
    while (segments_.size() > 1 && segments_[1].first <= floor_) {
      if (auto removed = fs_.remove(path(segments_.front().first)); !removed) return removed;
      done_.passed += segments_[1].first - segments_.front().first;
      segments_.erase(segments_.begin());
    }
    return {};
  }

  // One past the last document, when all from the first on are there; nothing when something is damaged.
  Result<std::optional<uint64_t>> end_of(const SegmentInfo& segment) {
    auto reader = SegmentReader::open(fs_, path(segment.first), segment.first, options_.master);
    if (!reader) return tl::unexpected(reader.error());
    auto scan = scan_segment(**reader, true);
    if (!scan) return tl::unexpected(scan.error());
    if (scan->frames.empty()) return std::nullopt;
    const uint64_t end = scan->frames.back().end;
    const Ending ending = find_ending({segment.first}, {*scan}, end);
    if (!ending.lost.empty() || ending.offset != end || ending.keep != scan->bytes) return std::nullopt;
    return end;
  }

  // What a compaction left that was interrupted: segments whose documents are in the one before.
  Result<> remove_covered() {
    for (size_t i = 0; i + 1 < segments_.size(); ++i) {
      auto end = end_of(segments_[i]);
      if (!end) return tl::unexpected(end.error());
      while (*end && **end > segments_[i].first && i + 1 < segments_.size() && segments_[i + 1].first < **end) {
        auto next = end_of(segments_[i + 1]);
        if (!next) return tl::unexpected(next.error());
        if (!*next || **next > **end) break;
        if (auto removed = fs_.remove(path(segments_[i + 1].first)); !removed) return removed;
        if (auto synced = fs_.sync_dir(options_.directory); !synced) return synced;
        segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      }
    }
    return {};
  }

  // True when nothing in it is damaged.
  Result<bool> whole(const SegmentInfo& segment) {
    auto end = end_of(segment);
    if (!end) return tl::unexpected(end.error());
    return *end == next_of(segment.first);
  }

  [[nodiscard]] uint64_t next_of(uint64_t first) const {
    const auto next = std::find_if(segments_.begin(), segments_.end(), [&](const auto& s) { return s.first > first; });
    return next == segments_.end() ? log_end_ : next->gap_from;
  }

  /// Segments [i, end) that become one, if that is worth it.
  struct Run {
    size_t end = 0;
    bool worth = false;
  };

  Result<Run> run_from(size_t i) {
    uint64_t bytes = 0;
    size_t end = i;
    for (; end < segments_.size(); ++end) {
      const SegmentInfo& segment = segments_[end];
      const bool fits = end == i || (bytes + segment.bytes <= segment_bytes_ && segment.gap_from == segment.first);
      if (!fits) break;
      auto good = whole(segment);
      if (!good) return tl::unexpected(good.error());
      if (!*good && end == i) {
        ++done_.left_alone;
        return Run{.end = i + 1};
      }
      if (!*good) break;
      bytes += segment.bytes;
    }
    const bool passed = i == 0 && floor_ > segments_[0].first && floor_ < log_end_;
    return Run{.end = end, .worth = end - i > 1 || passed};
  }

  void count(uint64_t bytes) {
    ++done_.segments_after;
    done_.bytes_after += bytes;
  }

  // Writes the documents of segments [from, to) into one, puts it in place of the first, then removes the others, the
  // oldest first: at every moment the last segment there is says where the log ends.
  Result<> join(size_t from, size_t to) {
    const SegmentInfo& front = segments_[from];
    const uint64_t first = from == 0 ? std::clamp(floor_, front.first, log_end_) : front.first;
    const bool gap = front.gap_from < front.first && first == front.first;
    auto writer = SegmentWriter::create(fs_, options_, first, gap ? front.gap_from : log_end_, gap);
    if (!writer) return tl::unexpected(writer.error());
    next_ = first;
    pending_.clear();
    for (size_t i = from; i < to; ++i) {
      if (auto copied = copy(segments_[i], **writer); !copied) return copied;
    }
    if (auto flushed = flush(**writer); !flushed) return flushed;
    if (auto synced = (*writer)->sync(); !synced) return synced;
    if (auto named = fs_.rename(path(first) + options_.suffix, path(first)); !named) return named;
    if (auto synced = fs_.sync_dir(options_.directory); !synced) return synced;
    for (size_t i = from; i < to; ++i) {
      if (segments_[i].first == first) continue;
      if (auto removed = fs_.remove(path(segments_[i].first)); !removed) return removed;
      if (auto synced = fs_.sync_dir(options_.directory); !synced) return synced;
    }
    done_.passed += first - front.first;
    count((*writer)->bytes());
    return {};
  }

  Result<> copy(const SegmentInfo& segment, SegmentWriter& writer) {
    auto reader = SegmentReader::open(fs_, path(segment.first), segment.first, options_.master);
    if (!reader) return tl::unexpected(reader.error());
    SegmentReader::Frame frame;
    Batch batch;
    for (uint64_t at = kSegmentHeaderBytes; at < segment.bytes; at = frame.after()) {
      auto good = (*reader)->read(at, frame);
      if (!good) return tl::unexpected(good.error());
      if (!*good || !(*reader)->decode(frame, batch))
        return fail(Errc::corrupt, path(segment.first) + " was changed while it was read");
      for (size_t n = 0; n < batch.size(); ++n) {
        if (frame.header.first + n < next_ + pending_.size()) continue;
        pending_.add(batch[n].meta, batch[n].json);
      }
      if (pending_.bytes() < kFrameBytes) continue;
      if (auto flushed = flush(writer); !flushed) return flushed;
    }
    return {};
  }

  Result<> flush(SegmentWriter& writer) {
    if (pending_.empty()) return {};
    auto frame = writer.frame(pending_, next_, log_end_);
    if (!frame) return tl::unexpected(frame.error());
    next_ += pending_.size();
    pending_.clear();
    return writer.append(*frame);
  }

  Fs& fs_;
  SegmentWriter::Options options_;
  const uint64_t segment_bytes_;
  std::vector<SegmentInfo> segments_;
  uint64_t floor_ = 0;
  uint64_t log_end_ = 0;
  uint64_t next_ = 0;  // offset of the first document of pending_
  Batch pending_;
  Compacted done_;
};

}  // namespace

Result<Compacted> compact(Fs& fs, const SegmentWriter::Options& options, uint64_t segment_bytes) {
  return Compactor(fs, options, segment_bytes).run();
}

}  // namespace acta::spool
