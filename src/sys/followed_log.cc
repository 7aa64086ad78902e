#include "sys/followed_log.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/log.h"

namespace acta {
namespace {

/// Descriptors kept of files that wait to be read, so that they can be read though they are deleted.
constexpr size_t kWaitingOpenMax = 32;
/// How long a file that has no name any more is watched for late writes after it was read to its end.
constexpr Nanos kLateWindow = 60 * kSecond;
/// Files that are gone but still known, so that they are not read again if they come back.
constexpr size_t kGoneMax = 32;
constexpr Nanos kRetryInterval = kSecond;
/// After so many failures in a row the files after it are no longer held back.
constexpr unsigned kFailuresMax = 10;
/// Bytes searched back for the start of a line when beginning at the newest.
constexpr size_t kLineSearchBytes = 65536;
constexpr uint64_t kAccountingRecordBytes = 64;

std::string why(int sys) {
  return std::generic_category().message(sys);
}

/// Opens a plain file without waiting for anything; `problem` says why not.
std::unique_ptr<File> open_plain(Fs& fs, const std::string& path, FileStat& st, std::string& problem) {
  auto file = fs.open(path, OpenMode::read);
  auto looked = file ? (*file)->stat() : Result<FileStat>(tl::unexpected(file.error()));
  if (!looked) {
    problem = "cannot be opened: " + why(looked.error().sys);
    return {};
  }
  st = *looked;
  if (!S_ISREG(st.mode)) {
    problem = "is not a plain file";
    return {};
  }
  return std::move(*file);
}

}  // namespace

std::string_view read_head(File& file, char* into) {
  const auto n = file.read_at(0, into, kIdentityBytes);
  return n ? std::string_view(into, *n) : std::string_view();
}

void PathProblems::say(const std::string& path, const std::string& problem) {
  std::string& said = said_[path];
  if (said == problem) return;
  said = problem;
  log::warning(component_, path + " " + problem);
}

void PathProblems::clear(const std::string& path) {
  if (said_.erase(path) != 0) log::info(component_, path + " can be read now");
}

FollowedFile& FollowedLog::known(const FileMark& mark) {
  for (const auto& file : files_) {
    const bool by_inode = mark.fingerprint.empty() && file->device == mark.device && file->inode == mark.inode;
    if (file->fingerprint == mark.fingerprint && (by_inode || !mark.fingerprint.empty())) return *file;
  }
  FollowedFile& file = *files_.emplace_back(std::make_unique<FollowedFile>());
  file.fingerprint = mark.fingerprint;
  file.device = mark.device;
  file.inode = mark.inode;
  file.before_known = false;
  file.origin = std::make_unique<Origin>(Origin{.path = mark.path,
                                                .fingerprint = mark.fingerprint,
                                                .inode = mark.inode,
                                                .device = mark.device,
                                                .keep_original = context_.settings.keep_original});
  return file;
}

// ---- scanning

void FollowedLog::scan(Nanos now) {
  std::vector<Entry> entries;
  bool sure = look(entries);
  match_by_inode(entries);
  sure = match_by_content(entries) && sure;
  settle(entries);
  order(entries);
  take_leave(sure, now);
}

/// Lists what may be files of the log. False when some of it could not be looked at.
bool FollowedLog::look(std::vector<Entry>& entries) {
  PathProblems& problems = context_.problems;
  const auto names = list_log(context_.fs, where_);
  if (!names) {
    problems.say(where_.directory, "cannot be listed: " + why(names.error().sys));
    return false;
  }
  problems.clear(where_.directory);
  if (names->empty() && files_.empty()) problems.say(path_, "is not there; it is read as soon as it is");
  bool sure = true;
  for (const LogFileName& name : *names) {
    const std::string path = where_.path_of(name.name);
    if (name.suffix.compressed) {
      problems.say(path, "is compressed and passed over");
      continue;
    }
    const auto st = context_.fs.stat(path);
    if (!st) {
      if (st.error().sys == ENOENT) continue;
      problems.say(path, "cannot be read: " + why(st.error().sys));
      sure = false;
    } else if (!S_ISREG(st->mode)) {
      problems.say(path, st->directory ? "is a directory and not a file" : "is not a plain file");
    } else {
      entries.push_back({.path = path,
                         .device = st->device,
                         .inode = st->inode,
                         .size = st->size,
                         .mtime = st->mtime,
                         .file = nullptr});
    }
  }
  return sure;
}

bool FollowedLog::matches(const FollowedFile& file, std::string_view head) const {
  if (file.fingerprint.starts_with('~')) return provisional_fingerprint(head) == file.fingerprint;
  return fingerprint(context_.settings.identity, head) == file.fingerprint;
}

bool FollowedLog::same_content(FollowedFile& file, const Entry& entry) {
  if (entry.size < file.done) return false;
  if (file.fingerprint.empty()) return true;
  if (!file.path.empty() && file.size == entry.size && file.mtime == entry.mtime) return true;
  char buffer[kIdentityBytes];
  if (file.handle) return matches(file, read_head(*file.handle, buffer));
  FileStat st;
  std::string problem;
  const auto handle = open_plain(context_.fs, entry.path, st, problem);
  return handle && st.inode == entry.inode && matches(file, read_head(*handle, buffer));
}

void FollowedLog::match_by_inode(std::vector<Entry>& entries) {
  for (const auto& file : files_) {
    for (Entry& entry : entries) {
      if (entry.file != nullptr || entry.inode != file->inode || entry.device != file->device) continue;
      if (same_content(*file, entry)) {
        entry.file = file.get();
      } else if (file->handle) {
        content_changed(*file);
      }
      break;
    }
  }
}

/// The file with that content: one without a name if there is one.
FollowedFile* FollowedLog::find_content(std::string_view head, const std::vector<Entry>& entries) {
  FollowedFile* found = nullptr;
  for (const auto& file : files_) {
    if (file->fingerprint.empty() || !matches(*file, head)) continue;
    found = file.get();
    if (std::none_of(entries.begin(), entries.end(), [&](const Entry& e) { return e.file == found; })) return found;
  }
  return found;
}

bool FollowedLog::match_by_content(std::vector<Entry>& entries) {
  bool sure = true;
  size_t waiting = 0;
  for (Entry& entry : entries) {
    if (entry.file != nullptr) continue;
    FileStat st;
    std::string problem;
    auto handle = open_plain(context_.fs, entry.path, st, problem);
    if (!handle) {
      context_.problems.say(entry.path, problem);
      sure = false;
      continue;
    }
    char buffer[kIdentityBytes];
    const std::string_view head = read_head(*handle, buffer);
    FollowedFile* file = find_content(head, entries);
    const auto same = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) {
      return e.file != nullptr && (e.file == file || (e.inode == st.inode && e.device == st.device));
    });
    if (same != entries.end()) {  // copytruncate at work, or a link
      context_.problems.say(entry.path, "has the content of " + same->path + " and is passed over");
      continue;
    }
    if (file == nullptr) {
      file = files_.emplace_back(std::make_unique<FollowedFile>()).get();
      file->fingerprint = fingerprint(context_.settings.identity, head);
    }
    entry.device = st.device;
    entry.inode = st.inode;
    entry.size = st.size;
    entry.file = file;
    if (file->handle) continue;
    file->device = entry.device;
    file->inode = entry.inode;
    if (entry.size > file->done && ++waiting <= kWaitingOpenMax) file->handle = std::move(handle);
  }
  return sure;
}

/// Takes over what was found.
void FollowedLog::settle(const std::vector<Entry>& entries) {
  for (const auto& file : files_) file->path.clear();
  for (const Entry& entry : entries) {
    if (entry.file == nullptr) continue;
    context_.problems.clear(entry.path);
    entry.file->path = entry.path;
    entry.file->looked(entry.size, entry.mtime);
  }
  for (const auto& file : files_) {
    if (file->path.empty() && file->handle) {
      if (const auto st = file->handle->stat()) file->looked(st->size, st->mtime);
    }
    const bool newest = !entries.empty() && entries.back().file == file.get();
    if (newest) file->seen = file->done;  // sizes and times need not tell that a file was written anew
    if (!file->finished || file->missing() || context_.settings.stop_at_end) continue;
    if (newest || file->size > file->done) file->finished = false;  // late writes, or it is written to again
  }
}

/// Reading order: that of the names; a file without a name stays behind the one that it was behind.
void FollowedLog::order(const std::vector<Entry>& entries) {
  std::vector<FollowedFile*> sequence;
  for (const Entry& entry : entries) {
    if (entry.file != nullptr) sequence.push_back(entry.file);
  }
  const FollowedFile* before = nullptr;
  for (const auto& file : files_) {
    if (file->path.empty()) {
      const auto behind = std::find(sequence.begin(), sequence.end(), before);
      sequence.insert(behind == sequence.end() ? sequence.begin() : behind + 1, file.get());
    }
    before = file.get();
  }
  const auto place = [&](const std::unique_ptr<FollowedFile>& file) {
    return std::find(sequence.begin(), sequence.end(), file.get()) - sequence.begin();
  };
  std::sort(files_.begin(), files_.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
}

/// Sees to files that have no name any more. `sure`: they are not hidden by something that could not be looked at.
void FollowedLog::take_leave(bool sure, Nanos now) {
  for (const auto& file : files_) {
    if (!file->path.empty()) continue;
    if (sure && file->missing() && !file->finished) {
      if (file->size > file->done) {
        gap(*file, fmt::format("it is gone with {} bytes that were not read", file->size - file->done));
      }
      finish(*file, now);
    }
    if (file->handle && file->finished && now - file->finished_at > kLateWindow) file->handle.reset();
  }
}

void FollowedLog::content_changed(FollowedFile& file) {
  ++context_.counts.truncated;
  log::warning(context_.settings.name,
               fmt::format("{} was cut, or written anew in place, after {} bytes of it were read: "
                           "it is read again from its start",
                           file.path.empty() ? path_ : file.path, file.done));
  file.handle.reset();
  file.path.clear();
  file.inode = 0;
}

void FollowedLog::gap(const FollowedFile& file, const std::string& why_not) {
  ++context_.counts.gaps;
  const Nanos now = context_.clock.realtime();
  context_.losses.push_back({.reason = LossReason::file_gap,
                             .at_least = true,
                             .from = now,
                             .to = now,
                             .place = fmt::format("{}, fingerprint {}, read up to byte {}", path_,
                                                  file.fingerprint.empty() ? "none" : file.fingerprint, file.done)});
  log::error(context_.settings.name,
             fmt::format("gap in {}: a file of it (fingerprint {}) was read up to byte {}, and {}", path_,
                         file.fingerprint.empty() ? "none" : file.fingerprint, file.done, why_not));
}

// ---- choosing

FollowedFile* FollowedLog::next(Nanos now) {
  for (size_t i = 0; i < files_.size(); ++i) {
    FollowedFile& file = *files_[i];
    if (file.finished || file.missing()) continue;
    if (now < file.retry_at) {
      if (file.failures < kFailuresMax) return nullptr;
      continue;
    }
    if (file.handle && !refresh(file)) {
      content_changed(file);
      scan(now);
      return next(now);
    }
    file.give_rest = false;
    const bool newest = i + 1 == files_.size();
    if (newest) file.quiet_since = -1;
    if (file.size > std::max(file.done, file.seen)) return &file;
    if (!at_end(file, files_.size() - 1 - i, now)) return nullptr;
    if (file.size > file.done) {
      file.give_rest = true;
      return &file;
    }
    finish(file, now);
  }
  return nullptr;
}

/// Looks at the open file's size. False when it was cut.
bool FollowedLog::refresh(FollowedFile& file) {
  const auto st = file.handle->stat();
  if (!st) return true;
  if (st->size < file.done) return false;
  file.looked(st->size, st->mtime);
  return true;
}

/// True when the file, of which everything whole was read, will get no more as far as can be told. Only the one that
/// was renamed last may have a writer yet.
bool FollowedLog::at_end(FollowedFile& file, size_t newer, Nanos now) {
  if (context_.settings.stop_at_end || newer > 1) return true;
  if (newer == 0) return false;
  if (file.quiet_since < 0) file.quiet_since = now;
  return now - file.quiet_since >= context_.settings.grace ||
         context_.clock.realtime() - file.mtime >= 2 * context_.settings.grace;
}

void FollowedLog::finish(FollowedFile& file, Nanos now) {
  file.finished = true;
  file.finished_at = now;
  file.quiet_since = -1;
  if (!file.path.empty()) file.handle.reset();  // found again by its name when it grows
}

bool FollowedLog::open(FollowedFile& file, Nanos now) {
  if (!file.handle) {
    FileStat st;
    std::string problem = "is no longer what it was";
    auto handle = open_plain(context_.fs, file.path, st, problem);
    if (!handle || st.inode != file.inode || st.device != file.device) {
      failed(file, problem, now);
      return false;
    }
    file.handle = std::move(handle);
  }
  if (!file.before_known && file.done > 0) {
    if (file.handle->read_at(file.done - 1, &file.before, 1) != size_t{1}) file.before = '\n';
  }
  file.before_known = true;
  return true;
}

bool FollowedLog::waits(const FollowedFile& file, Nanos now) {
  return !file.finished && now < file.retry_at && file.failures < kFailuresMax;
}

void FollowedLog::failed(FollowedFile& file, const std::string& problem, Nanos now) {
  context_.problems.say(file.path.empty() ? path_ : file.path, problem);
  file.handle.reset();
  file.retry_at = now + kRetryInterval;
  ++file.failures;
  if (context_.settings.stop_at_end) {
    gap(file, problem);
    finish(file, now);
  }
}

bool FollowedLog::finished() const {
  return std::all_of(files_.begin(), files_.end(), [](const auto& file) { return file->finished || file->missing(); });
}

void FollowedLog::pass_over(Nanos now) {
  for (const auto& file : files_) {
    file->done = file->size;
    if (context_.settings.identity == IdentityRule::first_64_bytes) {
      file->done -= file->done % kAccountingRecordBytes;
    } else if (open(*file, now)) {
      std::string tail(std::min<size_t>(file->size, kLineSearchBytes), '\0');
      tail.resize(file->handle->read_at(file->size - tail.size(), tail.data(), tail.size()).value_or(0));
      if (const size_t line_end = tail.rfind('\n'); line_end != std::string::npos)
        file->done -= tail.size() - line_end - 1;
    }
    file->seen = file->done;
    file->before_known = false;
  }
}

void FollowedLog::forget(uint64_t run, std::vector<std::unique_ptr<Origin>>& origins) {
  const auto gone = [](const FollowedFile& file) { return file.finished && file.missing(); };
  auto surplus = std::count_if(files_.begin(), files_.end(), [&](const auto& file) { return gone(*file); }) -
                 static_cast<std::ptrdiff_t>(kGoneMax);
  std::erase_if(files_, [&](std::unique_ptr<FollowedFile>& file) {
    if (surplus <= 0 || !gone(*file) || file->run >= run) return false;
    --surplus;
    if (file->origin) origins.push_back(std::move(file->origin));
    return true;
  });
}

}  // namespace acta
