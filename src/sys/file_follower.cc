#include "sys/file_follower.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <optional>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "sys/dir_watch.h"
#include "sys/followed_log.h"

namespace acta {
namespace {

constexpr size_t kChunkBytes = 256 * 1024;
/// Bytes read of one log before another that has something gets its turn.
constexpr uint64_t kTurnBytes = 4 * kChunkBytes;
/// Origins kept after their files were forgotten.
constexpr size_t kOriginsKept = 1000;
/// Looks at one log in one pull when nothing comes of reading: files that end in no whole record, or were replaced.
constexpr int kAttemptsMax = 8;

}  // namespace

class FileFollower::Impl final : private DirWatch::Listener {
 public:
  Impl(Settings settings, const Clock& clock, Fs& fs)
      : settings_(std::move(settings)),
        clock_(clock),
        context_{
            .settings = settings_, .clock = clock_, .fs = fs, .counts = {}, .problems = PathProblems(settings_.name)} {
    if (settings_.watch) watch_.emplace();
  }

  Result<> open(Position at, std::span<const FileMark> marks);
  Pulled pull(RawBatch& batch, Framer& framer);
  void safe(Position position);
  [[nodiscard]] std::vector<FileMark> marks(Position from) const;
  [[nodiscard]] int poll_fd() const { return watch_ ? watch_->fd() : -1; }
  [[nodiscard]] const Counts& counts() const { return context_.counts; }
  std::vector<Loss> take_losses() { return std::exchange(context_.losses, {}); }

 private:
  /// A run to be read again after a restart.
  struct Replay {
    uint64_t number, begin, end;
    FollowedLog* log;
    FollowedFile* file;
  };
  struct Reading {
    RawBatch& batch;
    Framer& framer;
    Nanos now;
    uint64_t limit = UINT64_MAX;  // where a run that is read again ends
    [[nodiscard]] bool again() const { return limit != UINT64_MAX; }
  };

  void entry_changed(std::string_view directory, std::string_view name) override;
  void all_changed() override { scan_due_ = true; }
  void scan(Nanos now);
  void resolve();
  void watch_directories();
  void watch_directory(const std::string& directory);
  void resume(Position at, const FileMark& mark);
  void say_gaps_of_resume();
  FollowedLog* find_log(const std::string& path);
  enum class Again : uint8_t { read, waits, over };
  Again read_again(RawBatch& batch, Framer& framer, Nanos now);
  bool read_log(FollowedLog& log, RawBatch& batch, Framer& framer, Nanos now);
  bool read(FollowedLog& log, FollowedFile& file, const Reading& to);
  size_t frame(FollowedFile& file, const Reading& to, size_t size, bool last);
  void begin_run(FollowedFile& file);
  bool identify(FollowedLog& log, FollowedFile& file, bool last);
  [[nodiscard]] bool finished() const;

  Settings settings_;
  const Clock& clock_;
  FollowContext context_;
  std::optional<DirWatch> watch_;
  bool polls_ = false;                              // as inotify does not watch everything; it has been said
  std::vector<std::unique_ptr<FollowedLog>> logs_;  // sorted by path
  std::deque<FileMark> runs_;                       // that are not safe yet; the last one may go on
  uint64_t next_run_ = 1;
  std::deque<Replay> replays_;
  std::vector<FileMark> unknown_;                 // of logs that no path or pattern gives now
  std::vector<std::unique_ptr<Origin>> origins_;  // of files that were forgotten
  size_t turn_ = 0;
  uint64_t turn_bytes_ = 0;
  bool scan_due_ = true;
  Nanos scanned_at_ = 0;
};

// ---- beginning

Result<> FileFollower::Impl::open(Position at, std::span<const FileMark> marks) {
  if (settings_.paths.empty()) return fail(Errc::config, settings_.name + ": no paths");
  resolve();
  std::vector<FileMark> sorted(marks.begin(), marks.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const FileMark& a, const FileMark& b) { return a.number < b.number; });
  for (const FileMark& mark : sorted) resume(at, mark);
  if (!sorted.empty()) next_run_ = sorted.back().number + 1;
  next_run_ = std::max(next_run_, at.file + (at.file == UINT64_MAX ? 0 : 1));
  const Nanos now = clock_.monotonic();
  scan(now);
  say_gaps_of_resume();
  if (settings_.from_newest && sorted.empty()) {
    for (const auto& log : logs_) log->pass_over(now);
  }
  return {};
}

void FileFollower::Impl::resume(Position at, const FileMark& mark) {
  FollowedLog* log = find_log(mark.path);
  if (log == nullptr &&
      is_match_of(settings_.paths, mark.path)) {  // none of its files is there under a name that matches
    const LogPath where = log_of(mark.path, settings_.include_rotated);
    log = logs_.emplace_back(std::make_unique<FollowedLog>(context_, where)).get();
  }
  if (log == nullptr) {
    unknown_.push_back(mark);
    if (mark.number >= at.file) unknown_.back().end = mark.number == at.file ? at.offset : mark.begin;
    unknown_.back().number = 0;
    return;
  }
  FollowedFile& file = log->known(mark);
  const bool again = mark.number >= at.file && mark.number != 0;
  const uint64_t begin = mark.number == at.file ? std::max(mark.begin, at.offset) : mark.begin;
  if (again) {
    runs_.push_back(mark);
    if (file.run < at.file) file.done = begin;  // its first run that is read again
    replays_.push_back({.number = mark.number, .begin = begin, .end = mark.end, .log = log, .file = &file});
  } else {
    file.done = mark.end;
  }
  file.run = mark.number;
  file.before_known = false;
}

/// A file that was being read and is not there any more: what was written to it after that is lost.
void FileFollower::Impl::say_gaps_of_resume() {
  for (const auto& log : logs_) {
    FollowedFile* newest = nullptr;
    for (const auto& file : log->files()) {
      if (file->run != 0 && (newest == nullptr || file->run > newest->run)) newest = file.get();
    }
    if (newest != nullptr && newest->missing())
      log->gap(*newest, "it is gone: what was written to it after that is not read");
  }
  for (const Replay& replay : replays_) {
    const bool more = replay.file->missing() && replay.begin < replay.end;
    if (more)
      replay.log->gap(*replay.file, fmt::format("its bytes to {} were read but may not be delivered", replay.end));
  }
}

FollowedLog* FileFollower::Impl::find_log(const std::string& path) {
  const auto found = std::find_if(logs_.begin(), logs_.end(), [&](const auto& log) { return log->path() == path; });
  return found == logs_.end() ? nullptr : found->get();
}

// ---- looking around

void FileFollower::Impl::resolve() {
  for (LogPath& where : resolve_log_paths(settings_.paths, settings_.include_rotated)) {
    if (FollowedLog* log = find_log(where.path())) {
      log->set_where(std::move(where));
      continue;
    }
    FollowedLog& log = *logs_.emplace_back(std::make_unique<FollowedLog>(context_, std::move(where)));
    std::erase_if(unknown_, [&](const FileMark& mark) {
      if (mark.path != log.path()) return false;
      FollowedFile& file = log.known(mark);
      file.done = mark.end;
      file.before_known = false;
      return true;
    });
  }
  std::sort(logs_.begin(), logs_.end(), [](const auto& a, const auto& b) { return a->path() < b->path(); });
}

// Of a directory that is not there its log tells.
void FileFollower::Impl::watch_directory(const std::string& directory) {
  const auto watched = watch_->add(directory);
  if (watched || watched.error().sys == ENOENT || watched.error().sys == ENOTDIR || polls_) return;
  polls_ = true;
  log::warning(settings_.name, fmt::format("{}: files are looked at every {} ms instead", watched.error().what,
                                           settings_.poll_interval / kMillisecond));
}

void FileFollower::Impl::watch_directories() {
  if (!watch_) return;
  for (const std::string& directory : directories_of(settings_.paths)) watch_directory(directory);
  for (const auto& log : logs_) {
    watch_directory(log->directory());
    struct stat st {};
    if (::lstat(log->path().c_str(), &st) != 0 || !S_ISLNK(st.st_mode)) continue;
    if (char* target = ::realpath(log->path().c_str(), nullptr)) {  // writes are told where the file itself lies
      const std::string path = target;
      std::free(target);
      watch_directory(path.substr(0, std::max<size_t>(path.rfind('/'), 1)));
    }
  }
}

void FileFollower::Impl::scan(Nanos now) {
  scan_due_ = false;
  scanned_at_ = now;
  if (std::any_of(settings_.paths.begin(), settings_.paths.end(), [](const auto& path) { return is_pattern(path); }))
    resolve();
  watch_directories();
  for (const auto& log : logs_) log->scan(now);
}

void FileFollower::Impl::entry_changed(std::string_view directory, std::string_view name) {
  const auto concerned = [&](const auto& log) {
    return log->directory() == directory && name.starts_with(log->where().base);
  };
  const auto pattern = [](const auto& path) { return is_pattern(path); };
  if (std::any_of(logs_.begin(), logs_.end(), concerned) ||
      std::any_of(settings_.paths.begin(), settings_.paths.end(), pattern)) {
    scan_due_ = true;
  }
}

// ---- reading

FileFollower::Pulled FileFollower::Impl::pull(RawBatch& batch, Framer& framer) {
  if (watch_) watch_->drain(*this);
  const Nanos now = clock_.monotonic();
  const bool look_again = !settings_.stop_at_end && now - scanned_at_ >= settings_.poll_interval;
  if (scan_due_ || look_again) scan(now);
  const Again again = read_again(batch, framer, now);
  if (again == Again::read) return Pulled::more;
  if (again == Again::waits) {
    batch.end_of_input = true;
    return Pulled::idle;
  }
  for (size_t idle = 0; idle < logs_.size();) {
    turn_ %= logs_.size();
    if (turn_bytes_ < kTurnBytes && read_log(*logs_[turn_], batch, framer, now)) return Pulled::more;
    idle += turn_bytes_ < kTurnBytes ? 1 : 0;
    ++turn_;
    turn_bytes_ = 0;
  }
  if (scan_due_) return Pulled::more;
  batch.end_of_input = true;
  return settings_.stop_at_end && finished() ? Pulled::done : Pulled::idle;
}

bool FileFollower::Impl::read_log(FollowedLog& log, RawBatch& batch, Framer& framer, Nanos now) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    FollowedFile* file = log.next(now);
    if (file == nullptr) return false;
    const uint64_t before = context_.counts.bytes;
    if (read(log, *file, {.batch = batch, .framer = framer, .now = now})) {
      turn_bytes_ += context_.counts.bytes - before;
      return true;
    }
  }
  return false;
}

/// Reads what was read before the restart in the order of then, so that positions mean the same. A file that cannot be
/// opened was perhaps renamed since the last look around: the next one finds it.
FileFollower::Impl::Again FileFollower::Impl::read_again(RawBatch& batch, Framer& framer, Nanos now) {
  for (; !replays_.empty(); replays_.pop_front()) {
    const Replay& replay = replays_.front();
    FollowedFile& file = *replay.file;
    if (file.missing() || file.finished || file.done < replay.begin || file.done >= replay.end) continue;
    if (FollowedLog::waits(file, now)) return Again::waits;
    file.run = replay.number;
    if (read(*replay.log, file, {.batch = batch, .framer = framer, .now = now, .limit = replay.end}))
      return Again::read;
    if (FollowedLog::waits(file, now)) {
      scan_due_ = true;
      return Again::waits;
    }
    if (!file.missing()) replay.log->gap(file, fmt::format("its bytes to {} cannot be read again now", replay.end));
  }
  return Again::over;
}

bool FileFollower::Impl::finished() const {
  return replays_.empty() && std::all_of(logs_.begin(), logs_.end(), [](const auto& log) { return log->finished(); });
}

/// Reads on in the file and has it framed. False when nothing came of it.
bool FileFollower::Impl::read(FollowedLog& log, FollowedFile& file, const Reading& to) {
  if (!log.open(file, to.now)) return false;
  for (const size_t most : {kChunkBytes, Framer::kRecordBytesMax}) {
    const auto want = static_cast<size_t>(std::min<uint64_t>(most, to.limit - file.done));
    const auto got = file.handle->read_at(file.done, to.batch.room(want), want);
    if (!got) log.failed(file, "cannot be read: " + std::generic_category().message(got.error().sys), to.now);
    if (!got || *got == 0) return false;
    file.failures = 0;
    const size_t size = *got;
    const bool short_read = size < want;
    const bool last = to.again() ? file.done + size == to.limit : file.give_rest && short_read;
    const uint64_t seen = file.done + size;
    if (!identify(log, file, last)) {
      file.seen = seen;
      return false;
    }
    const size_t used = frame(file, to, size, last);
    file.seen = short_read ? seen : file.done;
    if (used != 0) return true;
    if (short_read) return false;
  }
  return false;
}

/// Hands the first `size` bytes of the batch's room to the framer. Returns the bytes it consumed.
size_t FileFollower::Impl::frame(FollowedFile& file, const Reading& to, size_t size, bool last) {
  const bool goes_on = !runs_.empty() && runs_.back().number == file.run && runs_.back().end == file.done;
  const FileChunk chunk{.run = to.again() || goes_on ? file.run : next_run_,
                        .offset = file.done,
                        .at = to.batch.keep(size),
                        .size = size,
                        .before = file.before,
                        .last = last,
                        .origin = file.origin.get()};
  const size_t used = to.framer.frame(to.batch, chunk);
  CHECK(used <= size && (used != 0 || !(last || size >= Framer::kRecordBytesMax)));
  if (used != 0) {
    if (chunk.run == next_run_) begin_run(file);
    file.before = to.batch.buffer()[chunk.at + used - 1];
    file.done += used;
    context_.counts.bytes += used;
    if (!to.again()) runs_.back().end = file.done;
  }
  to.batch.cut(chunk.at + used);
  return used;
}

void FileFollower::Impl::begin_run(FollowedFile& file) {
  file.run = next_run_++;
  ++context_.counts.runs;
  runs_.push_back({.number = file.run,
                   .fingerprint = file.origin->fingerprint,
                   .inode = file.origin->inode,
                   .device = file.origin->device,
                   .path = file.origin->path,
                   .begin = file.done,
                   .end = file.done});
}

/// After a read: the bytes were of the file that they were taken for. False when they were not, and while it is too
/// short to be known by anything.
bool FileFollower::Impl::identify(FollowedLog& log, FollowedFile& file, bool last) {
  char buffer[kIdentityBytes];
  const std::string_view head = read_head(*file.handle, buffer);
  if (!file.fingerprint.empty() && !log.matches(file, head)) {
    file.size = std::max(file.done, file.seen);
    log.content_changed(file);
    scan_due_ = true;
    return false;
  }
  if (file.fingerprint.empty()) file.fingerprint = fingerprint(settings_.identity, head);
  if (file.fingerprint.empty() && last) file.fingerprint = provisional_fingerprint(head);
  if (file.fingerprint.empty()) return false;
  if (!file.origin) {
    file.origin = std::make_unique<Origin>(Origin{.path = log.path(),
                                                  .fingerprint = file.fingerprint,
                                                  .inode = file.inode,
                                                  .device = file.device,
                                                  .keep_original = settings_.keep_original});
  }
  return true;
}

// ---- what the registry keeps

void FileFollower::Impl::safe(Position position) {
  while (runs_.size() > 1 && runs_.front().number < position.file) runs_.pop_front();
  for (const auto& log : logs_) log->forget(position.file, origins_);
  if (origins_.size() > kOriginsKept) origins_.erase(origins_.begin(), origins_.end() - kOriginsKept);
}

std::vector<FileMark> FileFollower::Impl::marks(Position from) const {
  std::vector<FileMark> marks = unknown_;
  for (const auto& log : logs_) {
    for (const auto& file : log->files()) {
      if (file->done == 0 || (file->run >= from.file && file->run != 0)) continue;
      marks.push_back({.number = file->run,
                       .fingerprint = file->fingerprint,
                       .inode = file->origin ? file->origin->inode : file->inode,
                       .device = file->origin ? file->origin->device : file->device,
                       .path = log->path(),
                       .begin = 0,
                       .end = file->done});
    }
  }
  std::stable_sort(marks.begin(), marks.end(),
                   [](const FileMark& a, const FileMark& b) { return a.number < b.number; });
  for (const FileMark& run : runs_) {
    if (run.number >= from.file) marks.push_back(run);
  }
  return marks;
}

FileFollower::FileFollower(Settings settings, const Clock& clock, Fs& fs)
    : impl_(std::make_unique<Impl>(std::move(settings), clock, fs)) {}
FileFollower::~FileFollower() = default;
Result<> FileFollower::open(Position at, std::span<const FileMark> marks) {
  return impl_->open(at, marks);
}
int FileFollower::poll_fd() const {
  return impl_->poll_fd();
}
FileFollower::Pulled FileFollower::pull(RawBatch& batch, Framer& framer) {
  return impl_->pull(batch, framer);
}
void FileFollower::safe(Position position) {
  impl_->safe(position);
}
std::vector<FileMark> FileFollower::marks(Position from) const {
  return impl_->marks(from);
}
const FileFollower::Counts& FileFollower::counts() const {
  return impl_->counts();
}
std::vector<Loss> FileFollower::take_losses() {
  return impl_->take_losses();
}

}  // namespace acta
