#include "spool/survey.h"

#include <algorithm>
#include <cerrno>

#include "spool/listing.h"
#include "spool/reader_file.h"
#include "spool/recovery.h"
#include "spool/segment.h"

namespace acta::spool {
namespace {

constexpr size_t kSmallFileBytesMax = 4096;

std::string small_file(Fs& fs, const std::string& path) {
  auto content = read_file(fs, path, kSmallFileBytesMax);
  return content ? *content : std::string();
}

class Surveyor {
 public:
  Surveyor(Fs& fs, const std::string& directory, std::string_view master, Depth depth)
      : fs_(fs), directory_(directory), master_(master), depth_(depth) {
    found_.directory = directory;
  }

  Result<Survey> run() {
    // Before the segments: what it vouches for must be in them.
    synced_ = decode_synced(small_file(fs_, path(kSyncedName)));
    auto listing = list_spool(fs_, directory_);
    if (!listing) return tl::unexpected(listing.error());
    if (!listing->spool()) return fail(Errc::config, directory_ + " holds no spool");
    found_.foreign = listing->foreign;
    if (auto aside = fs_.list(path(kDamagedName))) found_.set_aside = *aside;
    found_.holder = small_file(fs_, path(kLockName));
    const std::string pid = found_.holder.substr(0, found_.holder.find(' '));
    found_.running = !pid.empty() && fs_.stat("/proc/" + pid).has_value();
    for (const std::string& name : listing->segments) {
      if (auto done = look_at_segment(name); !done) return tl::unexpected(done.error());
    }
    find_holes();
    for (const std::string& file : listing->readers) look_at_reader(file);
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::string path(std::string_view name) const { return directory_ + "/" + std::string(name); }

  Result<> look_at_segment(const std::string& name) {
    SegmentSurvey segment{.name = name, .first = *segment_offset(name), .problem = {}};
    const auto stat = fs_.stat(path(name));
    if (!stat) return {};  // its agent has removed it meanwhile
    segment.end = segment.first;
    segment.bytes = stat->size;
    segment.mtime = stat->mtime;
    auto opened = SegmentReader::open(fs_, path(name), segment.first, master_);
    if (!opened && opened.error().sys == ENOENT) return {};
    found_.bytes += segment.bytes;
    if (!opened) {
      segment.problem = opened.error().what;
    } else {
      segment.encrypted = (*opened)->header().encrypted;
      auto scan = depth_ == Depth::all ? scan_segment(**opened, true) : hop(**opened);
      if (!scan) return tl::unexpected(scan.error());
      add(std::move(*scan), (*opened)->header(), segment);
    }
    found_.segments.push_back(std::move(segment));
    return {};
  }

  // The frames as their headers say.
  static Result<Scan> hop(SegmentReader& segment) {
    Scan scan;
    auto size = segment.size();
    if (!size) return tl::unexpected(size.error());
    scan.bytes = *size;
    scan.synced = segment.header().synced;
    for (uint64_t at = kSegmentHeaderBytes; at < scan.bytes;) {
      auto header = segment.peek(at);
      if (!header) return tl::unexpected(header.error());
      const bool whole = *header && at + kFrameHeaderBytes + (*header)->stored <= scan.bytes;
      if (!whole) {
        auto next = segment.find(at + 1);
        if (!next) return tl::unexpected(next.error());
        if (!*next) break;
        at = **next;
        continue;
      }
      const uint64_t after = at + kFrameHeaderBytes + (*header)->stored;
      scan.frames.push_back({at, after, (*header)->first, (*header)->end()});
      scan.synced = std::max(scan.synced, (*header)->synced);
      at = after;
    }
    return scan;
  }

  void add(Scan scan, const SegmentHeader& header, SegmentSurvey& segment) {
    segment.frames = scan.frames.size();
    for (const Scan::Good& frame : scan.frames) segment.end = std::max(segment.end, frame.end);
    if (header.after_gap) unused_.push_back({header.synced, header.first});
    firsts_.push_back(segment.first);
    synced_ = std::max(synced_, scan.synced);
    scans_.push_back(std::move(scan));
  }

  void find_holes() {
    if (scans_.empty()) {
      found_.first = found_.end = synced_;
      return;
    }
    const Ending ending = find_ending(firsts_, scans_, synced_);
    found_.first = firsts_.front();
    found_.end = ending.offset;
    uint64_t missing = 0;
    for (const Range& range : ending.lost) {
      missing += range.size();
      if (!is_unused(range)) found_.lost.push_back(range);
    }
    found_.documents = found_.end - found_.first - missing;
    found_.unfinished_bytes = scans_[ending.segment].bytes - ending.keep;
    for (size_t i = ending.segment + 1; i < scans_.size(); ++i) found_.unfinished_bytes += scans_[i].bytes;
  }

  [[nodiscard]] bool is_unused(const Range& range) const {
    return std::any_of(unused_.begin(), unused_.end(),
                       [&](const Range& unused) { return unused.from <= range.from && range.to <= unused.to; });
  }

  void look_at_reader(const std::string& file) {
    ReaderSurvey reader{.name = file.substr(0, file.size() - kReaderSuffix.size()), .problem = {}};
    auto content = read_file(fs_, path(file), kSmallFileBytesMax);
    auto parsed = content ? parse_reader_file(reader.name, *content) : tl::unexpected(content.error());
    if (parsed) {
      reader.committed = parsed->committed;
      reader.waiting = found_.end - std::min(found_.end, std::max(found_.first, reader.committed));
    } else {
      reader.problem = parsed.error().what;
    }
    found_.readers.push_back(std::move(reader));
  }

  Fs& fs_;
  const std::string directory_;
  const std::string_view master_;
  const Depth depth_;
  Survey found_;
  uint64_t synced_ = 0;
  std::vector<uint64_t> firsts_;
  std::vector<Scan> scans_;
  std::vector<Range> unused_;
};

}  // namespace

uint64_t Survey::lost_documents() const {
  uint64_t sum = 0;
  for (const Range& range : lost) sum += range.size();
  return sum;
}

bool Survey::good() const {
  const auto bad = [](const auto& part) { return !part.problem.empty(); };
  return lost.empty() && std::none_of(segments.begin(), segments.end(), bad) &&
         std::none_of(readers.begin(), readers.end(), bad);
}

Result<Survey> survey(Fs& fs, const std::string& directory, std::string_view master, Depth depth) {
  return Surveyor(fs, directory, master, depth).run();
}

Result<> export_documents(Fs& fs, const std::string& directory, std::string_view master, Range range,
                          DocumentSink& sink) {
  auto listing = list_spool(fs, directory);
  if (!listing) return tl::unexpected(listing.error());
  uint64_t next = range.from;
  for (size_t i = 0; i < listing->segments.size() && next < range.to; ++i) {
    const std::string& name = listing->segments[i];
    const bool passed = i + 1 < listing->segments.size() && *segment_offset(listing->segments[i + 1]) <= next;
    if (passed) continue;
    auto segment = SegmentReader::open(fs, directory + "/" + name, *segment_offset(name), master);
    if (!segment && (segment.error().sys == ENOENT || segment.error().code == Errc::corrupt)) continue;
    if (!segment) return tl::unexpected(segment.error());
    auto scan = scan_segment(**segment);
    if (!scan) return tl::unexpected(scan.error());
    SegmentReader::Frame frame;
    Batch batch;
    for (const Scan::Good& good : scan->frames) {
      if (good.end <= next || good.first >= range.to) continue;
      auto read = (*segment)->read(good.at, frame);
      if (!read) return tl::unexpected(read.error());
      if (!*read || !(*segment)->decode(frame, batch)) continue;
      for (size_t n = std::max(next, good.first) - good.first; n < batch.size() && good.first + n < range.to; ++n) {
        if (auto taken = sink.take(good.first + n, batch[n]); !taken) return taken;
      }
      next = good.end;
    }
  }
  return {};
}

}  // namespace acta::spool
