#include <array>

#include "inputs/file_input.h"
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
           .help = "Put the raw records of an event into event.original, and where they lay in the log."},
};

// Audit logs as auditd writes them: a record a line. Follows rotation by rename and by copy-and-truncate.
std::unique_ptr<Framer> make_framer(uint16_t source) {
  return std::make_unique<LineFramer>(source);
}

Result<std::unique_ptr<Input>> make(const Settings& settings) {
  return FileInput::of_host(FileFollower::Settings{.name = "audit_log",
                                                   .paths = settings.list("paths"),
                                                   .identity = IdentityRule::first_line,
                                                   .include_rotated = settings.boolean("include_rotated"),
                                                   .from_newest = settings.text("from") == "newest",
                                                   .keep_original = settings.boolean("keep_original"),
                                                   .poll_interval = settings.duration("poll_interval")},
                            make_framer);
}

constexpr Component<Input> kComponent{.name = "audit_log",
                                      .summary = "Reads audit logs from files as auditd writes them, over rotation.",
                                      .options = kOptions,
                                      .make = make};
const Register<Input> kRegister{kComponent};

}  // namespace
}  // namespace acta
