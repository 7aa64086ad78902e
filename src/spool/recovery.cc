#include "spool/recovery.h"

#include <algorithm>
#include <map>

#include "base/log.h"
#include "spool/segment.h"

namespace acta::spool {
namespace {

constexpr std::string_view kLockName = "lock";
constexpr std::string_view kDamagedName = "damaged";
constexpr std::string_view kNewSuffix = ".new";  // of replace_file
constexpr size_t kReaderFileBytesMax = 4096;

/// The files of a spool, told apart by name.
struct Listing {
  std::vector<std::string> segments;  // ascending
  std::vector<std::string> readers;
  std::vector<std::string> foreign;
  std::vector<std::string> unfinished;  // of replace_file
};

Listing sort_out(const std::vector<std::string>& names) {
  Listing listing;
  for (const std::string& name : names) {
    if (name == kLockName || name == kDamagedName) continue;
    if (segment_offset(name)) {
      listing.segments.push_back(name);
    } else if (name.ends_with(kReaderSuffix)) {
      listing.readers.push_back(name);
    } else if (name.ends_with(std::string(kReaderSuffix) + std::string(kNewSuffix))) {
      listing.unfinished.push_back(name);
    } else {
      listing.foreign.push_back(name);
    }
  }
  std::sort(listing.segments.begin(), listing.segments.end());
  return listing;
}

/// The good frames of a segment and the bad places between them.
struct Scan {
  struct Good {
    uint64_t at, after, first, end;
  };
  std::vector<Good> frames;
  uint64_t synced = 0;  // the highest that is vouched for
  uint64_t bytes = 0;
};

Result<Scan> scan_segment(SegmentReader& segment) {
  Scan scan;
  auto size = segment.size();
  if (!size) return tl::unexpected(size.error());
  scan.bytes = *size;
  scan.synced = segment.header().synced;
  SegmentReader::Frame frame;
  for (uint64_t at = kSegmentHeaderBytes; at < scan.bytes;) {
    auto good = segment.read(at, frame);
    if (!good) return tl::unexpected(good.error());
    if (!*good) {
      auto next = segment.find(at + 1);
      if (!next) return tl::unexpected(next.error());
      if (!*next) break;
      at = **next;
      continue;
    }
    scan.frames.push_back({at, frame.after(), frame.header.first, frame.header.end()});
    scan.synced = std::max(scan.synced, frame.header.synced);
    at = frame.after();
  }
  return scan;
}

/// Where the last segment ends, and what of it is lost.
struct Ending {
  uint64_t offset = 0;  // of the next document
  uint64_t keep = 0;    // bytes of the file that stay
  uint64_t lost = 0;
  bool damaged = false;
};

Ending find_ending(const Scan& scan, uint64_t first) {
  Ending ending{.offset = first, .keep = kSegmentHeaderBytes};
  for (const Scan::Good& frame : scan.frames) {
    if (frame.first < ending.offset) continue;  // a repeated frame: its documents are there already
    const bool hole = frame.first > ending.offset || frame.at > ending.keep;
    if (hole && ending.offset >= scan.synced) return ending;  // never promised: the log ends before it
    ending.lost += frame.first - ending.offset;
    ending.damaged = ending.damaged || hole;
    ending.offset = frame.end;
    ending.keep = frame.after;
  }
  if (ending.offset < scan.synced) {
    ending.damaged = true;
    ending.lost += scan.synced - ending.offset;
    ending.offset = scan.synced;
  }
  return ending;
}

class Recovery {
 public:
  Recovery(Fs& fs, const std::string& directory, std::string_view master)
      : fs_(fs), directory_(directory), master_(master) {}

  Result<Recovered> run() {
    auto names = fs_.list(directory_);
    if (!names) return tl::unexpected(names.error());
    const Listing listing = sort_out(*names);
    if (auto done = check_headers(listing); !done) return tl::unexpected(done.error());
    if (auto done = read_readers(listing); !done) return tl::unexpected(done.error());
    // From here on things are changed.
    for (const std::string& name : listing.unfinished) {
      if (auto done = fs_.remove(path(name)); !done) return tl::unexpected(done.error());
    }
    bad_.insert(bad_.end(), listing.foreign.begin(), listing.foreign.end());
    for (const std::string& name : bad_) {
      if (auto done = set_aside(name); !done) return tl::unexpected(done.error());
    }
    if (auto done = end_log(); !done) return tl::unexpected(done.error());
    for (const ReaderFile& reader : found_.readers) found_.end = std::max(found_.end, reader.committed);
    if (auto done = fs_.sync_dir(directory_); !done) return tl::unexpected(done.error());
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/" + name; }

  // Reads every segment's header: a newer one ends it all, a bad one goes aside.
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
      found_.segments.push_back({.first = first, .bytes = stat->size, .mtime = stat->mtime});
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
      }
    }
    return {};
  }

  Result<> set_aside(const std::string& name) {
    const std::string aside = path(std::string(kDamagedName));
    if (auto made = fs_.make_dirs(aside); !made) return made;
    std::string to = aside + "/" + name;
    for (int n = 1; fs_.stat(to).has_value(); ++n) to = aside + "/" + name + "." + std::to_string(n);
    log::error("spool", path(name) + " is not a good part of the spool: moved to " + to);
    found_.damaged.push_back(to);
    return fs_.rename(path(name), to);
  }

  // Scans the last segment, cuts or keeps aside what is bad in it, and syncs it: what is there now is promised.
  Result<> end_log() {
    while (!found_.segments.empty()) {
      SegmentInfo& last = found_.segments.back();
      const std::string name = segment_name(last.first);
      auto segment = SegmentReader::open(fs_, path(name), last.first, master_);
      if (!segment) return tl::unexpected(segment.error());
      auto scan = scan_segment(**segment);
      if (!scan) return tl::unexpected(scan.error());
      const Ending ending = find_ending(*scan, last.first);
      found_.end = std::max(found_.end, ending.offset);
      found_.lost += ending.lost;
      if (auto done = mend(name, *scan, ending); !done) return done;
      last.bytes = ending.keep;
      if (ending.keep > kSegmentHeaderBytes) return sync_from(scan->synced);
      if (auto done = fs_.remove(path(name)); !done) return done;
      found_.segments.pop_back();
      if (!found_.segments.empty() && found_.end > last.first) return sync_from(scan->synced);
    }
    return {};
  }

  Result<> mend(const std::string& name, const Scan& scan, const Ending& ending) {
    if (ending.damaged) {
      auto kept = keep_damaged(fs_, directory_, name, 0);
      if (!kept) return tl::unexpected(kept.error());
      found_.damaged.push_back(*kept);
      log::error("spool", path(name) + " is damaged: " + std::to_string(ending.lost) +
                              " documents are lost; a copy is " + *kept);
    }
    if (scan.bytes == ending.keep) return {};
    found_.cut_bytes += scan.bytes - ending.keep;
    auto file = fs_.open(path(name), OpenMode::append);
    if (!file) return tl::unexpected(file.error());
    if (auto cut = (*file)->truncate(ending.keep); !cut) return cut;
    return (*file)->sync();
  }

  // A killed agent leaves pages that only the kernel has: they are synced before they count as safe.
  Result<> sync_from(uint64_t synced) {
    for (size_t i = found_.segments.size(); i-- > 0;) {
      auto file = fs_.open(path(segment_name(found_.segments[i].first)), OpenMode::append);
      if (!file) return tl::unexpected(file.error());
      if (auto done = (*file)->sync(); !done) return done;
      if (found_.segments[i].first <= synced) break;
    }
    return {};
  }

  Fs& fs_;
  const std::string directory_;
  const std::string_view master_;
  Recovered found_;
  std::vector<std::string> bad_;  // names to set aside
};

}  // namespace

Result<Recovered> recover(Fs& fs, const std::string& directory, std::string_view master) {
  return Recovery(fs, directory, master).run();
}

Result<std::string> keep_damaged(Fs& fs, const std::string& directory, const std::string& name, uint64_t from) {
  const std::string aside = directory + "/" + std::string(kDamagedName);
  if (auto made = fs.make_dirs(aside); !made) return tl::unexpected(made.error());
  const std::string to = aside + "/" + name + ".at-" + std::to_string(from);
  if (fs.stat(to)) return to;  // kept before
  auto source = fs.open(directory + "/" + name, OpenMode::read);
  if (!source) return tl::unexpected(source.error());
  auto copy = fs.open(to, OpenMode::create_new);
  if (!copy) return tl::unexpected(copy.error());
  constexpr size_t kStep = 1u << 20;
  std::string bytes(kStep, '\0');
  for (uint64_t at = from;;) {
    auto got = (*source)->read_at(at, bytes.data(), kStep);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) break;
    if (auto written = (*copy)->append(std::string_view(bytes).substr(0, *got)); !written)
      return tl::unexpected(written.error());
    at += *got;
  }
  if (auto synced = (*copy)->sync(); !synced) return tl::unexpected(synced.error());
  return to;
}

}  // namespace acta::spool
