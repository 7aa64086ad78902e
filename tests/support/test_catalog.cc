#include "support/test_catalog.h"

namespace acta::test {
namespace {

using enum Option::Type;

constexpr std::string_view kModes[] = {"fast", "safe"};

constexpr Option kLog[] = {
    {.key = "paths", .type = list, .fallback = "", .help = "Files.", .required = true},
    {.key = "keep_original", .type = boolean, .fallback = "false", .help = "Raw records."},
    {.key = "poll.interval",
     .type = duration,
     .fallback = "10s",
     .help = "Time.",
     .min = kSecond,
     .max = 3600 * kSecond},
};
constexpr Option kFile[] = {
    {.key = "path", .type = text, .fallback = "", .help = "Directory of the files.", .required = true},
    {.key = "rotate_every_kb", .type = integer, .fallback = "10240", .help = "Size.", .min = 1},
    {.key = "permissions", .type = text, .fallback = "0600", .help = "Mode."},
    {.key = "mode", .type = text, .fallback = "safe", .help = "Mode.", .choices = kModes},
    {.key = "ratio", .type = number, .fallback = "0.5", .help = "Ratio."},
    {.key = "size", .type = bytes, .fallback = "10MB", .help = "Size.", .min = 1024, .max = 1 << 30},
    {.key = "password", .type = text, .fallback = "", .help = "Secret.", .choices = {}, .secret = true},
    {.key = "pin", .type = integer, .fallback = "", .help = "Secret.", .secret = true},
};
constexpr Option kConsole[] = {{.key = "pretty", .type = boolean, .fallback = "false", .help = "Indent."}};
constexpr Option kAdd[] = {
    {.key = "target", .type = text, .fallback = "labels", .help = "Where."},
    {.key = "fields", .type = map, .fallback = "", .help = "What.", .required = true},
};
constexpr Option kDelivery[] = {
    {.key = "backoff.init", .type = duration, .fallback = "1s", .help = "First.", .min = kMillisecond},
    {.key = "backoff.max", .type = duration, .fallback = "60s", .help = "Last.", .min = kMillisecond},
};

}  // namespace

Catalog test_catalog() {
  return {.inputs = {{"audit_log", "Audit logs.", kLog}, {"pacct", "Accounting.", kLog}},
          .processors = {{"add_fields", "Adds.", kAdd}, {"drop_event", "Drops.", {}}},
          .outputs = {{"console", "Prints.", kConsole}, {"file", "Writes.", kFile}},
          .delivery = kDelivery};
}

Result<Config> parse(const std::string& text, const std::vector<std::string>& overrides,
                     const std::map<std::string, std::string>& variables) {
  LoadOptions options;
  options.overrides = overrides;
  options.variables = [&](std::string_view name) -> Result<std::optional<Variable>> {
    const auto found = variables.find(std::string(name));
    if (found == variables.end()) return std::nullopt;
    return Variable{.value = found->second};
  };
  return parse_config("a.yml", text, test_catalog(), options);
}

std::string good_config(const std::string& more) {
  return "actabeat.inputs: [{type: audit_log, paths: [/a]}]\noutput.file.path: /out\n" + more;
}

}  // namespace acta::test
