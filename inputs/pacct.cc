#include <linux/capability.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/log.h"
#include "inputs/file_input.h"
#include "sys/acct_framer.h"
#include "sys/managed_accounting.h"

namespace acta {
namespace {

constexpr std::array<std::string_view, 2> kFrom = {"oldest", "newest"};

constexpr std::array kOptions = {
    Option{.key = "paths",
           .type = Option::Type::list,
           .fallback = "",
           .help = "Accounting files to read: paths and glob patterns. Files may be missing or come later.",
           .required = true},
    Option{
        .key = "include_rotated",
        .type = Option::Type::boolean,
        .fallback = "true",
        .help = "Read the rotated files of an accounting file (pacct.0, pacct.1, pacct-20260101 …) too, oldest first. "
                "Compressed ones are passed "
                "over.",
    },
    Option{.key = "from",
           .type = Option::Type::text,
           .fallback = "oldest",
           .help = "Where to begin at the very first start: with the oldest file, or with what is written from now on.",
           .choices = kFrom},
    Option{.key = "poll_interval",
           .type = Option::Type::duration,
           .fallback = "1s",
           .help = "How often to look for new records and files where the kernel does not tell of them.",
           .min = 10 * kMillisecond,
           .max = 3600 * kSecond},
    Option{.key = "manage",
           .type = Option::Type::boolean,
           .fallback = "false",
           .help = "Turn accounting on for the first of the paths, rotate that file, and put back at the end what was "
                   "found. Needs CAP_SYS_PACCT."},
    Option{.key = "rotate_size",
           .type = Option::Type::bytes,
           .fallback = "64MB",
           .help = "Size at which a managed file is rotated.",
           .min = 4 << 10},
    Option{.key = "rotated_files",
           .type = Option::Type::integer,
           .fallback = "1",
           .help = "Rotated files that are kept of a managed file; older ones go when all of them is safe.",
           .min = 0,
           .max = 1000},
    Option{.key = "keep_original",
           .type = Option::Type::boolean,
           .fallback = "false",
           .help = "Put the bytes of a record into event.original, in hexadecimal."},
};

// Process accounting files as the kernel writes them (acct(2)): whole records only, over rotation: the kernel goes on
// writing to a renamed file until accounting is switched to the new one.
std::unique_ptr<Framer> make_framer(uint16_t source) {
  return std::make_unique<accounting::AcctFramer>(source, "pacct");
}

/// The input on a file that the agent looks after itself: turned on, rotated, put back.
class ManagedPacct final : public FileInput {
 public:
  ManagedPacct(FileFollower::Settings files, ManagedAccounting::Options options)
      : FileInput(std::move(files), make_framer), options_(std::move(options)) {}

  [[nodiscard]] Capabilities capabilities() const override {
    return FileInput::capabilities() | capability(CAP_SYS_PACCT);
  }
  void keep_state_in(const std::string& directory) override { options_.state_directory = directory; }

  Result<> open(uint16_t source, const Cursor& resume) override {
    source_ = source;
    accounting_.emplace(options_, fs_, clock());
    if (auto begun = accounting_->begin(); !begun) log::error("pacct", begun.error().what + "; tried again");
    return FileInput::open(source, resume);
  }

  Result<Pull> pull(RawBatch& batch) override {
    const auto done_with = [this](uint64_t inode) {
      const std::vector<FileMark> all = marks(safe_);
      const auto of_file = [inode](const FileMark& mark) { return mark.inode == inode; };
      const bool open =
          std::ranges::any_of(all, [&](const FileMark& m) { return of_file(m) && m.number >= safe_.file; });
      return !open && std::ranges::any_of(all, of_file);
    };
    if (auto loss = accounting_->tend(done_with)) {
      loss->source = source_;
      batch.lost(std::move(*loss));
    }
    return FileInput::pull(batch);
  }

  void safe(Position position) override {
    safe_ = position;
    FileInput::safe(position);
  }

  Result<> close() override {
    const auto ended = accounting_ ? accounting_->end() : Result<>{};
    const auto closed = FileInput::close();
    return ended ? closed : ended;
  }

 private:
  ManagedAccounting::Options options_;
  PosixFs fs_;
  uint16_t source_ = 0;
  Position safe_{};
  std::optional<ManagedAccounting> accounting_;
};

Result<std::unique_ptr<Input>> make(const Settings& settings) {
  FileFollower::Settings files{.name = "pacct",
                               .paths = settings.list("paths"),
                               .identity = IdentityRule::first_64_bytes,
                               .include_rotated = settings.boolean("include_rotated"),
                               .from_newest = settings.text("from") == "newest",
                               .keep_original = settings.boolean("keep_original"),
                               .poll_interval = settings.duration("poll_interval")};
  if (!settings.boolean("manage")) return FileInput::of_host(std::move(files), make_framer);
  if (files.paths.size() != 1 || files.paths[0].find_first_of("*?[") != std::string::npos)
    return fail(Errc::config, "paths: with manage it is one path, no pattern");
  files.include_rotated = true;
  ManagedAccounting::Options options{.path = files.paths[0],
                                     .rotate_bytes = settings.bytes("rotate_size"),
                                     .keep = static_cast<size_t>(settings.integer("rotated_files")),
                                     .state_directory = {}};
  return std::make_unique<ManagedPacct>(std::move(files), std::move(options));
}

constexpr Component<Input> kComponent{
    .name = "pacct",
    .summary = "Reads process accounting files as the kernel writes them, over rotation.",
    .options = kOptions,
    .make = make};
const Register<Input> kRegister{kComponent};

}  // namespace
}  // namespace acta
