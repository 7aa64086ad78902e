#include "outputs/file/rotated_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/log.h"

namespace acta {
namespace {

constexpr std::string_view kPlain = ".ndjson";
constexpr size_t kStampSize = std::string_view("20261123T101530Z").size();
constexpr size_t kCounterSize = 6;
constexpr unsigned kCounterMax = 999'999;
constexpr size_t kReadStep = 256 * 1024;

std::string stamp_of(Nanos realtime) {
  const time_t seconds = realtime / kSecond;
  tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
                     utc.tm_min, utc.tm_sec);
}

/// A rotated file's name in its parts, or a stamp that is empty.
struct Parts {
  std::string_view stamp{};
  unsigned counter = 0;
  std::string_view suffix{};
};

bool digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Parts split(std::string_view name, std::string_view filename) {
  if (!name.starts_with(filename)) return {};
  name.remove_prefix(filename.size());
  if (name.size() < kStampSize + kCounterSize + 2 || name[0] != '-' || name[kStampSize + 1] != '-') return {};
  const std::string_view stamp = name.substr(1, kStampSize);
  const std::string_view counter = name.substr(kStampSize + 2, kCounterSize);
  const std::string_view suffix = name.substr(kStampSize + 2 + kCounterSize);
  if (!digits(stamp.substr(0, 8)) || stamp[8] != 'T' || !digits(stamp.substr(9, 6)) || stamp[15] != 'Z' ||
      !digits(counter))
    return {};
  if (suffix != kPlain && suffix != ".ndjson.gz" && suffix != ".ndjson.zst") return {};
  unsigned number = 0;
  for (const char c : counter) number = number * 10 + static_cast<unsigned>(c - '0');
  return {.stamp = stamp, .counter = number, .suffix = suffix};
}

}  // namespace

std::string RotatedFiles::compressed(const std::string& name) const {
  return name + (settings_.compression == Compression::gzip ? ".gz" : ".zst");
}

Result<> RotatedFiles::scan() {
  auto found = fs_.list(settings_.directory);
  if (!found) return tl::unexpected(found.error());
  job_.reset();
  names_.clear();
  plain_.clear();
  for (std::string& name : *found) {
    const Parts parts = split(name, settings_.filename);
    if (parts.stamp.empty()) continue;
    if (parts.stamp > newest_stamp_ || (parts.stamp == newest_stamp_ && parts.counter > newest_counter_)) {
      newest_stamp_ = parts.stamp;
      newest_counter_ = parts.counter;
    }
    // Sorted, so a compressed file comes right after its plain one: it was whole and synced before it got its name.
    if (parts.suffix != kPlain && !plain_.empty() && name.starts_with(plain_.back())) {
      if (auto removed = fs_.remove(path_of(plain_.back())); !removed) return removed;
      plain_.pop_back();
      names_.pop_back();
    }
    if (parts.suffix == kPlain) plain_.push_back(name);
    names_.push_back(std::move(name));
  }
  return {};
}

std::string RotatedFiles::next_path(Nanos realtime) {
  std::string stamp = stamp_of(realtime);
  unsigned counter = 0;
  if (stamp <= newest_stamp_) {
    stamp = newest_stamp_;
    counter = newest_counter_ < kCounterMax ? newest_counter_ + 1 : kCounterMax;
  }
  return path_of(fmt::format("{}-{}-{:06}{}", settings_.filename, stamp, counter, kPlain));
}

void RotatedFiles::added(const std::string& path) {
  std::string name = path.substr(settings_.directory.size() + 1);
  const Parts parts = split(name, settings_.filename);
  newest_stamp_ = parts.stamp;
  newest_counter_ = parts.counter;
  plain_.push_back(name);
  names_.push_back(std::move(name));
}

Result<> RotatedFiles::remove_oldest() {
  if (settings_.kept == 0) return {};
  while (names_.size() > settings_.kept) {
    const std::string name = names_.front();
    if (job_ && job_->name == name) job_.reset();
    if (auto removed = fs_.remove(path_of(name)); !removed && fs_.stat(path_of(name))) return removed;
    log::info("file", "removed the oldest file " + path_of(name));
    std::erase(plain_, name);
    names_.erase(names_.begin());
  }
  return {};
}

Result<> RotatedFiles::work(size_t bytes) {
  if (auto done = remove_oldest(); !done) return done;
  while (to_compress() && bytes > 0) {
    if (!job_) {
      if (auto done = begin(plain_.front()); !done) return done;
      if (!job_) continue;
    }
    const uint64_t before = job_->read;
    auto more = compress(bytes);
    if (more && *more) return {};
    const std::unique_ptr<Job> job = std::move(job_);
    if (!more) return tl::unexpected(more.error());
    if (auto done = job->to->sync(); !done) return done;
    if (auto done = job->to->link(path_of(compressed(job->name))); !done) return done;
    if (auto done = replace_by_compressed(job->name); !done) return done;
    bytes -= static_cast<size_t>(std::min<uint64_t>(bytes, job->read - before));
  }
  return {};
}

Result<> RotatedFiles::begin(const std::string& name) {
  // It was whole when it got its name; what failed came after that.
  if (fs_.stat(path_of(compressed(name)))) return replace_by_compressed(name);
  auto from = fs_.open(path_of(name), OpenMode::read);
  if (!from) {
    if (fs_.stat(path_of(name))) return tl::unexpected(from.error());
    const std::string gone = name;  // `name` lies in a list that changes here
    std::erase(plain_, gone);
    std::erase(names_, gone);
    return {};
  }
  auto to = fs_.open_unnamed(settings_.directory);
  if (!to && to.error().code == Errc::unsupported) {
    able_ = false;
    log::warning("file", "rotated files stay uncompressed: " + to.error().what);
    return {};
  }
  if (!to) return tl::unexpected(to.error());
  if (auto done = (*to)->set_mode(settings_.mode); !done) return done;
  job_ = std::make_unique<Job>(Job{.name = name,
                                   .from = std::move(*from),
                                   .to = std::move(*to),
                                   .compressor = Compressor::make(settings_.compression)});
  return {};
}

/// True when there is more to read of this file.
Result<bool> RotatedFiles::compress(size_t bytes) {
  std::string in(kReadStep, '\0');
  std::string out;
  for (size_t done = 0; done < bytes;) {
    auto n = job_->from->read_at(job_->read, in.data(), in.size());
    if (!n) return tl::unexpected(n.error());
    out.clear();
    if (auto added = job_->compressor->add(std::string_view(in).substr(0, *n), *n == 0, out); !added)
      return tl::unexpected(added.error());
    if (auto written = job_->to->append(out); !written) return tl::unexpected(written.error());
    if (*n == 0) return false;
    job_->read += *n;
    done += *n;
  }
  return true;
}

Result<> RotatedFiles::replace_by_compressed(const std::string& plain) {
  const std::string name = plain;  // `plain` may lie in the lists that change below
  if (auto done = fs_.sync_dir(settings_.directory); !done) return done;
  if (auto done = fs_.remove(path_of(name)); !done && fs_.stat(path_of(name))) return done;
  std::replace(names_.begin(), names_.end(), name, compressed(name));
  std::erase(plain_, name);
  return fs_.sync_dir(settings_.directory);
}

}  // namespace acta
