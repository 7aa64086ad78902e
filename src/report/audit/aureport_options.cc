#include "report/audit/aureport_options.h"

#include <charconv>

namespace acta::report::audit {
namespace {

Result<> take_escape(Arguments& arguments, Escape& escape) {
  const auto value = arguments.value("--escape");
  if (!value) return tl::unexpected(value.error());
  for (const auto& [name, how] : {std::pair("raw", Escape::raw), std::pair("tty", Escape::tty),
                                  std::pair("shell", Escape::shell), std::pair("shell_quote", Escape::shell_quote)}) {
    if (*value != name) continue;
    escape = how;
    return {};
  }
  return fail(Errc::config, "--escape is raw, tty, shell or shell_quote, not '" + *value + "'");
}

Result<> take_seconds(Arguments& arguments, int64_t& seconds) {
  const auto value = arguments.value("--eoe-timeout");
  if (!value) return tl::unexpected(value.error());
  const auto read = std::from_chars(value->data(), value->data() + value->size(), seconds);
  constexpr int64_t kDay = 24 * 60 * 60;
  if (read.ec == std::errc{} && read.ptr == value->data() + value->size() && seconds > 0 && seconds <= kDay) return {};
  return fail(Errc::config, "--eoe-timeout is a number of seconds, from 1 on, not '" + *value + "'");
}

ArgumentOption kind_option(const ReportKind& kind, AureportOptions& options) {
  return {.names = kind.options,
          .help = std::string(kind.title.substr(0, kind.title.find('\n'))),
          .take = [&kind, &options](Arguments&) -> Result<> {
            if (options.kind != nullptr) return fail(Errc::config, "only one report can be asked for");
            options.kind = &kind;
            return {};
          }};
}

// The tool's --host is its report of hosts, and takes no value; with one it is ours.
ArgumentOption host_option(const ReportKind& kind, AureportOptions& options, CommonOptions& common) {
  return {.names = {"--host"},
          .value = "[NAME]",
          .help = "As -h; with a name: only documents of this host, as --of-host",
          .take = [&kind, &options, &common](Arguments& arguments) -> Result<> {
            if (arguments.done() || arguments.peek().starts_with('-'))
              return kind_option(kind, options).take(arguments);
            common.hosts.push_back(arguments.take());
            return {};
          }};
}

template <class T>
ArgumentOption set_option(std::vector<std::string> names, std::string help, T& into, T value) {
  return {.names = std::move(names), .help = std::move(help), .take = [&into, value](Arguments&) -> Result<> {
            into = value;
            return {};
          }};
}

}  // namespace

std::vector<ArgumentOption> shared_options(Escape& escape, std::vector<std::string>& nodes, int64_t& end_of_event) {
  return {{.names = {"--escape"},
           .value = "MODE",
           .help = "raw, tty, shell or shell_quote: what is made harmless in the output",
           .take = [&escape](Arguments& arguments) { return take_escape(arguments, escape); }},
          {.names = {"--eoe-timeout"},
           .value = "SECONDS",
           .help = "After so much log time an event is complete",
           .take = [&end_of_event](Arguments& arguments) { return take_seconds(arguments, end_of_event); }},
          {.names = {"--node"},
           .value = "NAME",
           .help = "Only events of this node; may be repeated",
           .take = [&nodes](Arguments& arguments) -> Result<> {
             auto value = arguments.value("--node");
             if (!value) return tl::unexpected(value.error());
             nodes.push_back(std::move(*value));
             return {};
           }}};
}

std::vector<ArgumentOption> aureport_options(AureportOptions& options, CommonOptions& common, PeriodWords& period) {
  std::vector<ArgumentOption> table;
  for (const ReportKind& kind : report_kinds()) {
    if (!kind.options.empty()) table.push_back(kind_option(kind, options));
    if (kind.name == "host") table.push_back(host_option(kind, options, common));
  }
  const auto add = [&table](std::vector<ArgumentOption> more) {
    for (ArgumentOption& one : more) table.push_back(std::move(one));
  };
  add({flag_option({"--summary"}, "Totals of the report's main object", options.summary),
       flag_option({"-i", "--interpret"}, "Names instead of numbers", options.interpret),
       set_option<std::optional<int>>({"--success"}, "Only events that succeeded", options.success,
                                      Extracted::kSucceeded),
       set_option<std::optional<int>>({"--failed"}, "Only events that failed", options.success, Extracted::kFailed),
       flag_option({"-nc", "--no-config"}, "Without CONFIG_CHANGE events", options.no_config),
       set_option({"--add"}, "Without events that take away", options.change, AureportOptions::Change::add),
       set_option({"--delete"}, "Without events that add", options.change, AureportOptions::Change::remove)});
  add(period_options(period));
  add(shared_options(options.escape, options.nodes, options.end_of_event));
  for (ArgumentOption& one : common_options(common)) {
    if (one.names.front() == "--host") one.names = {"--of-host"};
    if (one.names.front() == "--from") one.names = {"--from", "-if", "--input"};
    table.push_back(std::move(one));
  }
  table.push_back(format_option(common));
  table.push_back(follow_option(common));
  return table;
}

}  // namespace acta::report::audit
