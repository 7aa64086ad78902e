#include <array>

#include "inputs/file_input.h"
#include "sys/acct_framer.h"

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

Result<std::unique_ptr<Input>> make(const Settings& settings) {
  return std::make_unique<FileInput>(FileFollower::Settings{.name = "pacct",
                                                            .paths = settings.list("paths"),
                                                            .identity = IdentityRule::first_64_bytes,
                                                            .include_rotated = settings.boolean("include_rotated"),
                                                            .from_newest = settings.text("from") == "newest",
                                                            .keep_original = settings.boolean("keep_original"),
                                                            .poll_interval = settings.duration("poll_interval")},
                                     make_framer);
}

constexpr Component<Input> kComponent{
    .name = "pacct",
    .summary = "Reads process accounting files as the kernel writes them, over rotation.",
    .options = kOptions,
    .make = make};
const Register<Input> kRegister{kComponent};

}  // namespace
}  // namespace acta
