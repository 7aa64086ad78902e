#include "spool/recovery.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>

#include "base/log.h"
#include "spool/listing.h"
#include "spool/segment.h"

namespace acta::spool {
namespace {

constexpr size_t kReaderFileBytesMax = 4096;
constexpr size_t kSyncedFileBytesMax = 64;

class Recovery {
 public:
  Recovery(Fs& fs, const std::string& directory, std::string_view master)
      : fs_(fs), directory_(directory), master_(master) {}

  Result<Recovered> run() {
    auto listing = list_spool(fs_, directory_);
    if (!listing) return tl::unexpected(listing.error());
    if (auto done = check_headers(*listing); !done) return tl::unexpected(done.error());
    if (auto done = read_readers(*listing); !done) return tl::unexpected(done.error());
    // From here on things are changed.
    for (const std::string& name : listing->unfinished) {
      if (auto done = fs_.remove(path(name)); !done) return tl::unexpected(done.error());
    }
    if (!listing->foreign.empty()) {
      log::warning("spool", fmt::format("{} has {} files that are not of a spool, {} first: they are left alone",
                                        directory_, listing->foreign.size(), listing->foreign.front()));
    }
    for (const std::string& name : bad_) {
      if (auto done = put_aside(name); !done) return tl::unexpected(done.error());
    }
    if (auto done = remove_passed(); !done) return tl::unexpected(done.error());
    if (auto done = end_log(); !done) return tl::unexpected(done.error());
    found_.end = found_.log_end;
    for (const ReaderFile& reader : found_.readers) found_.end = std::max(found_.end, reader.committed);
    if (auto done = fs_.sync_dir(directory_); !done) return tl::unexpected(done.error());
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::string path(std::string_view name) const { return directory_ + "/" + std::string(name); }

  // Reads every segment's header: a newer one or one of another key ends it all, a bad one goes aside.
  Result<> check_headers(const Listing& listing) {
    for (const std::string& name : listing.segments) {
      const uint64_t first = *segment_offset(name);
      auto segment = SegmentReader::open(fs_, path(name), first, master_);
      if (!segment && segment.error().code != Errc::corrupt) return tl::unexpected(segment.error());
      if (!segment) {
        bad_.push_back(name);
        continue;
      }
      auto stat = fs_.stat(path(name));
      if (!stat) return tl::unexpected(stat.error());
      const SegmentHeader& header = (*segment)->header();
      found_.segments.push_back({.first = first,
                                 .bytes = stat->size,
                                 .mtime = stat->mtime,
                                 .gap_from = header.after_gap ? std::min(header.synced, first) : first});
    }
    return {};
  }

  Result<> read_readers(const Listing& listing) {
    for (const std::string& file : listing.readers) {
      const std::string name = file.substr(0, file.size() - kReaderSuffix.size());
      auto content = read_file(fs_, path(file), kReaderFileBytesMax);
      if (!content && content.error().code != Errc::unsupported) return tl::unexpected(content.error());
      auto reader =
          content ? parse_reader_file(name, *content) : Result<ReaderFile>(fail(Errc::corrupt, file + " is too large"));
      if (!reader && reader.error().code == Errc::unsupported) return tl::unexpected(reader.error());
      if (reader) {
        found_.readers.push_back(*reader);
      } else {
        log::error("spool", reader.error().what + "; its output begins again at the oldest document");
        bad_.push_back(file);
        bad_reader_ = true;
      }
    }
    return {};
  }

  Result<> put_aside(const std::string& name) {
    auto to = set_aside(fs_, directory_, name);
    if (!to) return tl::unexpected(to.error());
    log::error("spool", path(name) + " is not a good part of the spool: moved to " + *to);
    found_.damaged.push_back(*to);
    return {};
  }

  [[nodiscard]] uint64_t readers_floor() const {
    uint64_t floor = UINT64_MAX;
    for (const ReaderFile& reader : found_.readers) floor = std::min(floor, reader.committed);
    return floor;
  }

  uint64_t synced_by_file() {
    auto content = read_file(fs_, path(kSyncedName), kSyncedFileBytesMax);
    return content ? decode_synced(*content) : 0;
  }

  // Scans from the segment that holds the synced offset to the last one, cuts or keeps aside what is bad, and syncs:
  // what is there now is promised.
  Result<> end_log() {
    uint64_t synced = synced_by_file();
    std::vector<SegmentInfo>& segments = found_.segments;
    if (segments.empty()) {
      found_.log_end = synced;
      return {};
    }
    std::vector<Scan> scans;
    size_t from = segments.size();
    do {
      auto segment =
          SegmentReader::open(fs_, path(segment_name(segments[from - 1].first)), segments[from - 1].first, master_);
      if (!segment) return tl::unexpected(segment.error());
      auto scan = scan_segment(**segment);
      if (!scan) return tl::unexpected(scan.error());
      synced = std::max(synced, scan->synced);
      scans.insert(scans.begin(), std::move(*scan));
    } while (--from > 0 && segments[from].first > synced);
    std::vector<uint64_t> firsts;
    for (size_t i = from; i < segments.size(); ++i) firsts.push_back(segments[i].first);
    const Ending ending = find_ending(firsts, scans, synced, from == 0 ? readers_floor() : UINT64_MAX);
    found_.log_end = ending.offset;
    found_.lost = ending.lost;
    return mend(from, scans, ending);
  }

  Result<> mend(size_t from, const std::vector<Scan>& scans, const Ending& ending) {
    std::vector<SegmentInfo>& segments = found_.segments;
    for (size_t i = 0; i < scans.size(); ++i) {
      if (!ending.damaged[i]) continue;
      auto kept = keep_damaged(fs_, directory_, segment_name(segments[from + i].first));
      if (!kept) return tl::unexpected(kept.error());
      found_.damaged.push_back(*kept);
      log::error("spool", path(segment_name(segments[from + i].first)) + " is damaged; a copy is " + *kept);
    }
    for (const Range& range : ending.lost)
      log::error("spool", fmt::format("documents {} to {} are damaged and lost", range.from, range.to - 1));
    const size_t last = from + ending.segment;
    while (segments.size() > last + 1) {  // never promised
      found_.cut_bytes += segments.back().bytes;
      if (auto done = fs_.remove(path(segment_name(segments.back().first))); !done) return done;
      segments.pop_back();
    }
    if (auto done = cut(segments[last], ending.keep); !done) return done;
    return sync_from(from);
  }

  // Cuts the end of a segment; one without documents goes.
  Result<> cut(SegmentInfo& segment, uint64_t keep) {
    const std::string name = path(segment_name(segment.first));
    found_.cut_bytes += segment.bytes - keep;
    if (keep == kSegmentHeaderBytes) {
      if (auto done = fs_.remove(name); !done) return done;
      found_.segments.pop_back();
      return {};
    }
    if (segment.bytes == keep) return {};
    auto file = fs_.open(name, OpenMode::append);
    if (!file) return tl::unexpected(file.error());
    if (auto done = (*file)->truncate(keep); !done) return done;
    segment.bytes = keep;
    return (*file)->sync();
  }

  // A crash of the host takes removals back, of some segments and not of others: what every reader's file has passed
  // goes again, or the holes would be taken for the end of the log, or for damage by a new output. Not when a file is
  // bad: its output begins at the oldest document.
  Result<> remove_passed() {
    if (found_.readers.empty() || bad_reader_) return {};
    const uint64_t floor = readers_floor();
    std::vector<SegmentInfo>& segments = found_.segments;
    size_t passed = 0;
    for (; passed + 1 < segments.size() && segments[passed + 1].first <= floor; ++passed) {
      if (auto done = fs_.remove(path(segment_name(segments[passed].first))); !done) return done;
    }
    segments.erase(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(passed));
    return {};
  }

  // A killed agent leaves pages that only the kernel has: they are synced before they count as safe.
  Result<> sync_from(size_t from) {
    for (size_t i = from; i < found_.segments.size(); ++i) {
      auto file = fs_.open(path(segment_name(found_.segments[i].first)), OpenMode::append);
      if (!file) return tl::unexpected(file.error());
      if (auto done = (*file)->sync(); !done) return done;
    }
    return {};
  }

  Fs& fs_;
  const std::string directory_;
  const std::string_view master_;
  Recovered found_;
  std::vector<std::string> bad_;  // names to set aside
  bool bad_reader_ = false;       // there is the file of a reader among them
};

std::string crc_of(std::string_view digits) {
  return fmt::format("{:08x}", crc32_z(0, reinterpret_cast<const unsigned char*>(digits.data()), digits.size()));
}

}  // namespace

Result<Recovered> recover(Fs& fs, const std::string& directory, std::string_view master) {
  return Recovery(fs, directory, master).run();
}

std::string encode_synced(uint64_t offset) {
  const std::string digits = fmt::format("{:020}", offset);
  return digits + " " + crc_of(digits) + "\n";
}

uint64_t decode_synced(std::string_view content) {
  uint64_t offset = 0;
  const auto [end, error] = std::from_chars(content.data(), content.data() + content.size(), offset);
  const bool good = error == std::errc{} && offset <= kOffsetMax && content == encode_synced(offset);
  return good ? offset : 0;
}

}  // namespace acta::spool
