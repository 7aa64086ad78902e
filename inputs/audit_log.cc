#include <array>

#include "inputs/input.h"
#include "sys/file_follower.h"
#include "sys/line_framer.h"

namespace acta {
namespace {

constexpr std::array<std::string_view, 2> kFrom = {"oldest", "newest"};

constexpr std::array kOptions = {
    Option{.key = "paths",
           .type = Option::Type::list,
           .fallback = "",
           .help = "Audit logs to read: paths and glob patterns. Files may be missing or come later.",
           .required = true},
    Option{.key = "include_rotated",
           .type = Option::Type::boolean,
           .fallback = "true",
           .help = "Read the rotated files of a log (audit.log.1, audit.log.2 …) too, oldest first."},
    Option{.key = "from",
           .type = Option::Type::text,
           .fallback = "oldest",
           .help = "Where to begin at the very first start: with the oldest file, or with what is written from now on.",
           .choices = kFrom},
    Option{.key = "poll_interval",
           .type = Option::Type::duration,
           .fallback = "1s",
           .help = "How often to look for new and renamed files where the kernel does not tell of them.",
           .min = 10 * kMillisecond,
           .max = 3600 * kSecond},
    Option{.key = "keep_original",
           .type = Option::Type::boolean,
           .fallback = "false",
           .help = "Put the raw records of an event into event.original."},
};

/// Audit logs as auditd writes them: a record a line. Follows rotation by rename and by copy-and-truncate.
class AuditLog final : public Input {
 public:
  explicit AuditLog(FileFollower::Settings settings) : settings_(std::move(settings)), framer_(0) {}

  void stop_at_end() override { settings_.stop_at_end = true; }

  Result<> open(uint16_t source, const Cursor& resume) override {
    framer_ = LineFramer(source);
    follower_ = std::make_unique<FileFollower>(settings_, clock_);
    return follower_->open(resume.at, resume.files);
  }

  [[nodiscard]] int poll_fd() const override { return follower_ ? follower_->poll_fd() : -1; }

  Result<Pull> pull(RawBatch& batch) override {
    if (!follower_) return fail(Errc::closed, "audit_log is not open");
    switch (follower_->pull(batch, framer_)) {
      case FileFollower::Pulled::more:
        return Pull::more;
      case FileFollower::Pulled::idle:
        return Pull::idle;
      case FileFollower::Pulled::done:
        return Pull::done;
    }
    return Pull::idle;
  }

  [[nodiscard]] bool can_wait() const override { return true; }
  void safe(Position position) override {
    if (follower_) follower_->safe(position);
  }
  [[nodiscard]] std::vector<FileMark> marks(Position from) const override {
    return follower_ ? follower_->marks(from) : std::vector<FileMark>{};
  }
  [[nodiscard]] InputCounts counts() const override {
    InputCounts counts{.records = framer_.items()};
    if (!follower_) return counts;
    const FileFollower::Counts& files = follower_->counts();
    counts.bytes = files.bytes;
    counts.files = files.runs;
    counts.gaps = files.gaps;
    counts.truncated = files.truncated;
    return counts;
  }
  Result<> close() override {
    follower_.reset();
    return {};
  }

 private:
  FileFollower::Settings settings_;
  SystemClock clock_;
  LineFramer framer_;
  std::unique_ptr<FileFollower> follower_;
};

Result<std::unique_ptr<Input>> make(const Settings& settings) {
  return std::make_unique<AuditLog>(FileFollower::Settings{.name = "audit_log",
                                                           .paths = settings.list("paths"),
                                                           .identity = IdentityRule::first_line,
                                                           .include_rotated = settings.boolean("include_rotated"),
                                                           .from_newest = settings.text("from") == "newest",
                                                           .keep_original = settings.boolean("keep_original"),
                                                           .poll_interval = settings.duration("poll_interval")});
}

constexpr Component<Input> kComponent{.name = "audit_log",
                                      .summary = "Reads audit logs from files as auditd writes them, over rotation.",
                                      .options = kOptions,
                                      .make = make};
const Register<Input> kRegister{kComponent};

}  // namespace
}  // namespace acta
