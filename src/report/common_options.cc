#include "report/common_options.h"

#include <fmt/format.h>

#include <clocale>
#include <cstdlib>
#include <ctime>

#include "base/fs.h"

namespace acta::report {
namespace {

constexpr std::string_view kElasticsearch = "elasticsearch";

Result<> take_from(CommonOptions& options, Arguments& arguments) {
  auto values = arguments.values("--from");
  if (!values) return tl::unexpected(values.error());
  for (std::string& value : *values) {
    if (value == kElasticsearch) {
      options.from_elasticsearch = true;
    } else {
      options.from.push_back(std::move(value));
    }
  }
  if (!options.from_elasticsearch || options.from.empty()) return {};
  return fail(Errc::config, "--from takes files or elasticsearch, not both; a file of that name is ./elasticsearch");
}

Result<> take_compat(CommonOptions& options, Arguments& arguments) {
  const auto value = arguments.value("--compat");
  if (!value) return tl::unexpected(value.error());
  if (*value != "3" && *value != "4") return fail(Errc::config, "--compat is 3 or 4, not '" + *value + "'");
  options.compat = *value == "3" ? 3 : 4;
  return {};
}

Result<> take_by(CommonOptions& options, Arguments& arguments) {
  const auto value = arguments.value("--by");
  if (!value) return tl::unexpected(value.error());
  if (*value != "host") return fail(Errc::config, "--by takes host, not '" + *value + "'");
  options.by_host = true;
  return {};
}

ArgumentOption list_option(const char* name, const char* value, const char* help, std::vector<std::string>& list) {
  return {.names = {name}, .value = value, .help = help, .take = [name, &list](Arguments& arguments) -> Result<> {
            auto taken = arguments.value(name);
            if (!taken) return tl::unexpected(taken.error());
            list.push_back(std::move(*taken));
            return {};
          }};
}

}  // namespace

std::vector<ArgumentOption> common_options(CommonOptions& options) {
  return {
      {.names = {"--from"},
       .value = "FILE|DIR...",
       .help = "Documents: NDJSON, plain, gzip or zstd; - is standard input. elasticsearch: the configured cluster",
       .take = [&options](Arguments& arguments) { return take_from(options, arguments); }},
      list_option("--host", "NAME", "Only documents of this host; may be repeated", options.hosts),
      {.names = {"--by"},
       .value = "host",
       .help = "A report for each host",
       .take = [&options](Arguments& arguments) { return take_by(options, arguments); }},
      text_option({"--tz"}, "ZONE", "Show times of this zone, such as Europe/Berlin", options.tz),
      {.names = {"--compat"},
       .value = "3|4",
       .help = "Count events as audit 3.x does (the default), or as 4.x",
       .take = [&options](Arguments& arguments) { return take_compat(options, arguments); }},
      text_option({"--config-file"}, "FILE", "Configuration that names the cluster", options.config_file),
      list_option("-E", "KEY=VALUE", "Override a setting of it; may be repeated", options.overrides),
      flag_option({"--help"}, "This page", options.help),
  };
}

ArgumentOption follow_option(CommonOptions& options) {
  return flag_option({"--follow"}, "Go on with what comes, until interrupted", options.follow);
}

ArgumentOption format_option(CommonOptions& options) {
  return {.names = {"--format"},
          .value = "text|json",
          .help = "json: one object a line",
          .take = [&options](Arguments& arguments) -> Result<> {
            const auto value = arguments.value("--format");
            if (!value) return tl::unexpected(value.error());
            options.json = *value == "json";
            if (options.json || *value == "text") return {};
            return fail(Errc::config, "--format is text or json, not '" + *value + "'");
          }};
}

Result<> use_zone(const CommonOptions& options) {
  std::setlocale(LC_ALL, "");
  if (!options.tz.empty()) {
    // tzset(3) takes any word for UTC: a zone that is not there must not pass for one.
    PosixFs fs;
    const bool rule = options.tz.find_first_of("0123456789") != std::string::npos;  // POSIX form, as CET-1CEST
    const bool known = rule || options.tz == "UTC" || fs.stat("/usr/share/zoneinfo/" + options.tz).has_value();
    if (!known)
      return fail(Errc::config, fmt::format("--tz: there is no zone '{}' in /usr/share/zoneinfo", options.tz));
    ::setenv("TZ", options.tz.c_str(), 1);
  }
  ::tzset();
  return {};
}

}  // namespace acta::report
