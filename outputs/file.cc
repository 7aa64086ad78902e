#include "outputs/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "base/line_file.h"
#include "base/log.h"
#include "outputs/file/rotated_files.h"

namespace acta {
namespace {

constexpr size_t kCompressStep = 16u << 20;  // bytes read for compression between two sends, or in a tick

struct FileSettings {
  std::string directory;
  std::string filename;
  uint64_t rotate_bytes = 0;  // 0: never by size
  Nanos rotate_interval = 0;  // 0: never by age
  bool sync = true;
  uint32_t mode = 0600;
};

/// Documents as lines of <path>/<filename>.ndjson. `accepted` means written and, with `sync: batch`, on the disk. What
/// cannot be written is cut off again and retried: a full disk is back-pressure, never a loss, and no line is torn or
/// doubled by it. One thread.
class FileOutput final : public Output {
 public:
  FileOutput(FileSettings settings, RotatedFiles::Settings rotated, Fs& fs, const Clock& clock)
      : settings_(std::move(settings)),
        path_(settings_.directory + "/" + settings_.filename + ".ndjson"),
        fs_(fs),
        clock_(clock),
        rotated_(fs, std::move(rotated)) {}

  Result<> connect() override {
    if (file_ && file_->still_there(fs_)) return {};
    file_.reset();
    if (auto made = fs_.make_dirs(settings_.directory); !made) return made;
    // A rotation may have been cut short: its entries must be on the disk before others build on them.
    if (auto done = fs_.sync_dir(settings_.directory); !done) return done;
    if (auto scanned = rotated_.scan(); !scanned) return scanned;
    return open_current();
  }

  Attempt send(Docs docs, Nanos) override {
    Attempt attempt = Attempt::all(Fate::retry, docs.size());
    auto done = docs.empty() ? Result<>{} : write(docs, attempt);
    if (!done) attempt.why = done.error().what;
    if (done && rotated_.busy()) static_cast<void>(tidy_up());
    return attempt;
  }

  Result<> tick(Nanos) override {
    if (!file_) return {};
    // Somebody moved the file away, or cut it (logrotate): a new one, or what is left of it.
    if (!file_->still_there(fs_)) {
      if (auto done = connect(); !done) return done;
    }
    if (due_by_age()) {
      if (auto done = rotate(); !done) return done;
    }
    return tidy_up();
  }

  Result<> close() override {
    file_.reset();
    return {};
  }

  // Not by opening the file, which may be being written.
  std::vector<CheckStep> check() override {
    std::string there = settings_.directory;
    while (there != "/" && there != "." && !fs_.stat(there)) there = parent_of(there);
    CheckStep step{.name = "directory", .detail = settings_.directory};
    if (there != settings_.directory) step.detail += fmt::format(", to be made in {}", there);
    if (const auto made = fs_.open_unnamed(there); !made && made.error().code != Errc::unsupported) {
      step.good = false;
      step.detail = fmt::format("{}; give it to the user who runs the agent", made.error().what);
    }
    std::vector<CheckStep> steps{step};
    if (const auto free = fs_.free_bytes(there); step.good && free) {
      constexpr uint64_t kMiB = 1u << 20;
      steps.push_back({"space", *free > 0, fmt::format("{} MiB free", *free / kMiB)});
    }
    return steps;
  }

 private:
  Result<> open_current() {
    auto opened = LineFile::open(fs_, path_, settings_.mode);
    if (!opened) return tl::unexpected(opened.error());
    file_ = std::move(*opened);
    period_ = period_of(file_->size() > 0 ? file_->opened_mtime() : clock_.realtime());
    if (file_->cut_off() > 0) {
      log::warning("file", fmt::format("cut {} bytes of a partial last line off {}", file_->cut_off(), path_));
    }
    return {};
  }

  // Writes and accepts as many documents as a file has room for, goes on in a new one, until all are written.
  Result<> write(Docs docs, Attempt& attempt) {
    if (!file_) return fail(Errc::closed, path_ + " is not open");
    if (!file_->still_there(fs_)) {
      if (auto done = connect(); !done) return done;
    }
    for (size_t at = 0; at < docs.size();) {
      if (file_->size() > 0 && (due_by_age() || !fits(docs[at].json.size() + 1))) {
        if (auto done = rotate(); !done) return done;
      }
      const Docs fitting = first_that_fit(docs.subspan(at));
      if (auto done = file_->append(text_of(fitting), settings_.sync); !done) return done;
      period_ = period_of(clock_.realtime());
      std::fill_n(attempt.fate.begin() + static_cast<ptrdiff_t>(at), fitting.size(), Fate::accepted);
      at += fitting.size();
    }
    return {};
  }

  // One at least: a document can be larger than a file is to be.
  [[nodiscard]] Docs first_that_fit(Docs docs) const {
    size_t count = 1;
    for (size_t bytes = docs[0].json.size() + 1; count < docs.size(); ++count) {
      bytes += docs[count].json.size() + 1;
      if (!fits(bytes)) break;
    }
    return docs.first(count);
  }

  // In one piece also when they come from several batches: each append is synced.
  std::string_view text_of(Docs docs) {
    if (side_by_side(docs) == docs.size()) return lines_of(docs);
    lines_.clear();
    for (const Doc& doc : docs) lines_.append(doc.json).push_back('\n');
    return lines_;
  }

  [[nodiscard]] bool fits(size_t bytes) const {
    return settings_.rotate_bytes == 0 || file_->size() + bytes <= settings_.rotate_bytes;
  }

  // Intervals are counted from 1970 (UTC), so that a restart changes nothing.
  [[nodiscard]] int64_t period_of(Nanos realtime) const {
    return settings_.rotate_interval > 0 ? realtime / settings_.rotate_interval : 0;
  }
  [[nodiscard]] bool due_by_age() const { return file_->size() > 0 && period_of(clock_.realtime()) > period_; }

  Result<> rotate() {
    const std::string path = rotated_.next_path(clock_.realtime());
    if (const auto there = fs_.stat(path); there || there.error().sys != ENOENT) {
      return fail(Errc::io, there ? path + " is in the way" : there.error().what);
    }
    if (auto done = fs_.rename(path_, path); !done) return done;
    file_.reset();
    rotated_.added(path);
    // Before the new file is made: after a crash the old name must not stand for the new file while the old one has
    // none.
    if (auto done = fs_.sync_dir(settings_.directory); !done) return done;
    return open_current();
  }

  // What fails here costs no document: it is said, and tried again in a while.
  Result<> tidy_up() {
    const Nanos now = clock_.monotonic();
    if (now < tidy_not_before_) return {};
    if (auto done = rotated_.work(kCompressStep); !done) {
      constexpr Nanos kTryAgain = 60 * kSecond;
      tidy_not_before_ = now + kTryAgain;
      log::warning("file", done.error().what);
    }
    return {};
  }

  const FileSettings settings_;
  const std::string path_;
  Fs& fs_;
  const Clock& clock_;
  RotatedFiles rotated_;
  std::unique_ptr<LineFile> file_;
  std::string lines_;   // reused
  int64_t period_ = 0;  // the interval that what is in the file belongs to
  Nanos tidy_not_before_ = INT64_MIN;
};

constexpr std::string_view kCompressions[] = {"none", "gzip", "zstd"};
constexpr std::string_view kSyncs[] = {"batch", "never"};

constexpr Option kOptions[] = {
    {.key = "path",
     .type = Option::Type::text,
     .fallback = "",
     .help = "Folder of the files; made when missing. Nothing else should lie in it.",
     .required = true},
    {.key = "filename",
     .type = Option::Type::text,
     .fallback = "actabeat",
     .help = "Name of the file that is written, without .ndjson; rotated files begin with it."},
    {.key = "rotate_every_kb",
     .type = Option::Type::integer,
     .fallback = "102400",
     .help = "KiB after which a new file is begun; 0 for never.",
     .min = 0,
     .max = INT64_C(1) << 40},
    {.key = "rotate_interval",
     .type = Option::Type::duration,
     .fallback = "0s",
     .help = "Begin a new file at every multiple of this since 1970 (UTC), so 24h is at midnight; 0 for never.",
     .min = 0},
    {.key = "number_of_files",
     .type = Option::Type::integer,
     .fallback = "0",
     .help = "Rotated files kept beside the one that is written, the oldest are removed; 0 keeps all.",
     .min = 0,
     .max = 1'000'000},
    {.key = "permissions", .type = Option::Type::text, .fallback = "0600", .help = "Mode of the files, in octal."},
    {.key = "compression",
     .type = Option::Type::text,
     .fallback = "none",
     .help = "How rotated files are compressed.",
     .choices = kCompressions},
    {.key = "sync",
     .type = Option::Type::text,
     .fallback = "batch",
     .help = "batch: documents count as delivered when they survive a crash of the host; never: when they are written.",
     .choices = kSyncs},
};

Result<uint32_t> parse_mode(std::string_view text) {
  uint32_t mode = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  constexpr uint32_t kMost = 0777;
  constexpr uint32_t kOwnerWrites = 0600;
  if (failed != std::errc{} || end != text.data() + text.size() || mode > kMost ||
      (mode & kOwnerWrites) != kOwnerWrites) {
    return fail(
        Errc::config,
        fmt::format("permissions: {} is not a mode between 0600 and 0777 that lets the owner read and write", text));
  }
  return mode;
}

}  // namespace

Result<std::unique_ptr<Output>> make_file_output(const Settings& settings, Fs& fs, const Clock& clock) {
  const std::string& filename = settings.text("filename");
  if (filename.empty() || filename.front() == '.' || filename.find('/') != std::string::npos) {
    return fail(Errc::config, "filename: must be a plain name that does not begin with a dot");
  }
  std::string directory = settings.text("path");
  while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
  if (directory.empty()) return fail(Errc::config, "path: must name a folder");
  const auto mode = parse_mode(settings.text("permissions"));
  if (!mode) return tl::unexpected(mode.error());
  const std::string& compression = settings.text("compression");
  RotatedFiles::Settings rotated{
      .directory = directory,
      .filename = filename,
      .compression = compression == "gzip"   ? Compression::gzip
                     : compression == "zstd" ? Compression::zstd
                                             : Compression::none,
      .kept = static_cast<size_t>(settings.integer("number_of_files")),
      .mode = *mode,
  };
  FileSettings own{.directory = std::move(directory),
                   .filename = filename,
                   .rotate_bytes = static_cast<uint64_t>(settings.integer("rotate_every_kb")) * 1024,
                   .rotate_interval = settings.duration("rotate_interval"),
                   .sync = settings.text("sync") == "batch",
                   .mode = *mode};
  return std::make_unique<FileOutput>(std::move(own), std::move(rotated), fs, clock);
}

namespace {

constexpr Component<Output> kFile = {
    .name = "file",
    .summary = "Documents as lines of files in a folder, rotated by size or age.",
    .options = kOptions,
    .make = [](const Settings& settings) -> Result<std::unique_ptr<Output>> {
      static PosixFs fs;
      static const SystemClock clock;
      return make_file_output(settings, fs, clock);
    },
};

const Register<Output> kRegistered(kFile);

}  // namespace
}  // namespace acta
