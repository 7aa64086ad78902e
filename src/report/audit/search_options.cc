#include <fmt/format.h>
#include <libaudit.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "report/audit/aureport_options.h"
#include "report/audit/search.h"

namespace acta::report::audit {
namespace {

bool begins_with_digit(std::string_view text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0;
}

template <class T>
Result<T> number_of(std::string_view option, std::string_view text, std::string_view what) {
  T number{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec == std::errc{} && read.ptr == text.data() + text.size()) return number;
  return fail(Errc::config, fmt::format("{}: '{}' is no {}", option, text, what));
}

/// An option whose value `read` takes.
template <class Read>
ArgumentOption value_option(std::vector<std::string> names, std::string value, std::string help, Read read) {
  const std::string option = names.front();
  return {.names = std::move(names),
          .value = std::move(value),
          .help = std::move(help),
          .take = [option, read](Arguments& arguments) -> Result<> {
            const auto taken = arguments.value(option);
            if (!taken) return tl::unexpected(taken.error());
            return read(option, *taken);
          }};
}

template <class T>
ArgumentOption number_option(std::vector<std::string> names, std::string help, std::optional<T>& into) {
  return value_option(std::move(names), "N", std::move(help),
                      [&into](const std::string& option, const std::string& text) -> Result<> {
                        const auto number = number_of<T>(option, text, "number");
                        if (!number) return tl::unexpected(number.error());
                        into = *number;
                        return {};
                      });
}

ArgumentOption words_option(std::vector<std::string> names, std::string help, std::optional<std::string>& into) {
  return value_option(std::move(names), "TEXT", std::move(help),
                      [&into](const std::string&, const std::string& text) -> Result<> {
                        into = text;
                        return {};
                      });
}

Result<WantedId> id_of(std::string_view option, const std::string& text) {
  const bool minus = text.size() > 1 && text[0] == '-' && begins_with_digit(text.substr(1));
  if (!minus && !begins_with_digit(text)) return WantedId{.name = text};
  const auto number = number_of<int64_t>(option, text, "id");
  if (!number) return tl::unexpected(number.error());
  return WantedId{.id = static_cast<uint32_t>(*number)};
}

/// -ui and the like. `any`: -ua, -ga.
ArgumentOption id_option(std::vector<std::string> names, std::string help, std::optional<WantedId>& into,
                         bool* any = nullptr) {
  return value_option(std::move(names), "ID", std::move(help),
                      [&into, any](const std::string& option, const std::string& text) -> Result<> {
                        auto id = id_of(option, text);
                        if (!id) return tl::unexpected(id.error());
                        into = std::move(*id);
                        if (any != nullptr) *any = true;
                        return {};
                      });
}

Result<> take_types(std::string_view option, std::string_view list, std::vector<int>& types) {
  if (list == "ALL" || list == "all") return {};
  while (!list.empty()) {
    const std::string word(list.substr(0, list.find(',')));
    list.remove_prefix(std::min(list.size(), word.size() + 1));
    if (begins_with_digit(word)) {
      const auto number = number_of<int>(option, word, "type of a record");
      if (!number) return tl::unexpected(number.error());
      types.push_back(*number);
      continue;
    }
    const int type = audit_name_to_msg_type(word.c_str());
    if (type < 0) return fail(Errc::config, fmt::format("{}: there is no record type '{}'", option, word));
    types.push_back(type);
  }
  return {};
}

Result<> take_syscall(const std::string& text, SearchOptions& options) {
  if (begins_with_digit(text)) {
    const auto number = number_of<int>("-sc", text, "system call");
    if (!number) return tl::unexpected(number.error());
    options.syscall = *number;
    return {};
  }
  if (!options.machine) options.machine = audit_detect_machine();
  options.syscall = audit_name_to_syscall(text.c_str(), *options.machine);
  if (*options.syscall != -1) return {};
  return fail(Errc::config,
              fmt::format("-sc: there is no system call '{}' on {}", text, audit_machine_to_name(*options.machine)));
}

Result<> take_arch(const std::string& text, SearchOptions& options) {
  if (options.syscall) return fail(Errc::config, "--arch must stand before -sc");
  const int machine = audit_determine_machine(text.c_str());
  if (machine < 0) return fail(Errc::config, "--arch: there is no architecture '" + text + "'");
  options.machine = machine;
  return {};
}

Result<> take_exit(const std::string& text, SearchOptions& options) {
  if (begins_with_digit(text) || (text.size() > 1 && text[0] == '-' && begins_with_digit(text.substr(1)))) {
    const auto number = number_of<int64_t>("-e", text, "exit value");
    if (!number) return tl::unexpected(number.error());
    options.exit = *number;
    return {};
  }
  const int number = audit_name_to_errno(text.c_str());
  if (number == 0) return fail(Errc::config, "-e: '" + text + "' is neither a number nor the name of an error");
  options.exit = number;
  return {};
}

Result<> take_success(const std::string& text, SearchOptions& options) {
  if (text != "yes" && text != "no") return fail(Errc::config, "-sv is yes or no, not '" + text + "'");
  options.success = text == "yes" ? Extracted::kSucceeded : Extracted::kFailed;
  return {};
}

Result<> set_format(SearchOptions& options, SearchOptions::Format format) {
  if (options.format != SearchOptions::Format::plain) return fail(Errc::config, "only one format can be asked for");
  options.format = format;
  return {};
}

Result<> take_format(const std::string& name, SearchOptions& options) {
  using Format = SearchOptions::Format;
  constexpr std::pair<std::string_view, Format> kFormats[] = {{"default", Format::plain},
                                                              {"raw", Format::raw},
                                                              {"csv", Format::csv},
                                                              {"text", Format::text},
                                                              {"json", Format::json}};
  if (name.starts_with("interp")) return set_format(options, Format::interpreted);
  for (const auto& [known, format] : kFormats) {
    if (name == known) return set_format(options, format);
  }
  return fail(Errc::config, "--format is default, raw, interpret, csv, text or json, not '" + name + "'");
}

std::vector<ArgumentOption> id_options(SearchOptions& options) {
  return {id_option({"-ua", "--uid-all"}, "Events of this user as uid, euid or auid", options.user, &options.any_user),
          id_option({"-ue", "--uid-effective"}, "Events of this effective user", options.effective_user),
          id_option({"-ui", "--uid"}, "Events of this user", options.user),
          id_option({"-ul", "--loginuid"}, "Events of this login user", options.login),
          id_option({"-ga", "--gid-all"}, "Events of this group as gid or egid", options.group, &options.any_group),
          id_option({"-ge", "--gid-effective"}, "Events of this effective group", options.effective_group),
          id_option({"-gi", "--gid"}, "Events of this group", options.group),
          number_option({"-a", "--event"}, "The event of this serial", options.serial),
          number_option({"-p", "--pid"}, "Events of this process", options.pid),
          number_option({"-pp", "--ppid"}, "Events of children of this process", options.parent),
          value_option({"--session"}, "N", "Events of this login session",
                       [&options](const auto& name, const auto& text) -> Result<> {
                         const auto number = number_of<int64_t>(name, text, "session");
                         if (!number) return tl::unexpected(number.error());
                         options.session = static_cast<uint32_t>(*number);
                         return {};
                       })};
}

std::vector<ArgumentOption> text_options(SearchOptions& o) {
  return {words_option({"-c", "--comm"}, "Events of this command name", o.command),
          words_option({"-f", "--file"}, "Events on a file or socket of this name", o.file),
          words_option({"-hn", "--host"}, "Events from this remote host", o.host),
          words_option({"-k", "--key"}, "Events of rules with this key", o.key),
          words_option({"-tm", "--terminal"}, "Events of this terminal", o.terminal),
          words_option({"-uu", "--uuid"}, "Events of the guest of this UUID", o.uuid),
          words_option({"-vm", "--vm-name"}, "Events of the guest of this name", o.guest),
          words_option({"-x", "--executable"}, "Events of this program", o.exe),
          words_option({"-su", "--subject"}, "Events of this SELinux subject", o.subject),
          words_option({"-o", "--object"}, "Events on this SELinux object", o.object),
          value_option({"-se", "--context"}, "TEXT", "Events of or on this SELinux context",
                       [&o](const auto&, const auto& text) -> Result<> {
                         o.subject = o.object = text;
                         o.any_context = true;
                         return {};
                       }),
          flag_option({"-w", "--word"}, "Texts must be the same from beginning to end", o.whole_words)};
}

std::vector<ArgumentOption> other_options(SearchOptions& o) {
  const auto setter = [&o](std::vector<std::string> names, std::string help, SearchOptions::Format format) {
    return ArgumentOption{.names = std::move(names), .help = std::move(help), .take = [&o, format](Arguments&) {
                            return set_format(o, format);
                          }};
  };
  return {value_option({"-m", "--message"}, "TYPES", "Events with a record of these types",
                       [&o](const auto& name, const auto& text) { return take_types(name, text, o.types); }),
          value_option({"--arch"}, "CPU", "Events of this architecture",
                       [&o](const auto&, const auto& text) { return take_arch(text, o); }),
          value_option({"-sc", "--syscall"}, "NAME|N", "Events of this system call",
                       [&o](const auto&, const auto& text) { return take_syscall(text, o); }),
          value_option({"-e", "--exit"}, "N|NAME", "Events with this exit value or error",
                       [&o](const auto&, const auto& text) { return take_exit(text, o); }),
          value_option({"-sv", "--success"}, "yes|no", "Events that succeeded, or failed",
                       [&o](const auto&, const auto& text) { return take_success(text, o); }),
          value_option({"--format"}, "FORMAT", "default, raw, interpret, csv, text or json",
                       [&o](const auto&, const auto& text) { return take_format(text, o); }),
          setter({"-i", "--interpret"}, "Words instead of numbers", SearchOptions::Format::interpreted),
          setter({"-r", "--raw"}, "The records as they were", SearchOptions::Format::raw),
          flag_option({"--just-one"}, "Only the first event", o.just_one),
          flag_option({"--extra-keys"}, "csv: with the key", o.extra_keys),
          flag_option({"--extra-labels"}, "csv: with SELinux labels", o.extra_labels),
          flag_option({"--extra-obj2"}, "csv: with a second object", o.extra_second),
          flag_option({"--extra-time"}, "csv: with the parts of the time", o.extra_time)};
}

}  // namespace

std::vector<ArgumentOption> search_options(SearchOptions& options, CommonOptions& common, PeriodWords& period) {
  std::vector<ArgumentOption> table;
  const auto add = [&table](std::vector<ArgumentOption> more) {
    for (ArgumentOption& one : more) table.push_back(std::move(one));
  };
  add(id_options(options));
  add(text_options(options));
  add(other_options(options));
  add(period_options(period));
  add(shared_options(options.escape, options.nodes, options.end_of_event));
  const auto node = std::ranges::find(table, std::vector<std::string>{"--node"}, &ArgumentOption::names);
  node->names.insert(node->names.begin(), "-n");
  for (ArgumentOption& one : common_options(common)) {
    // ausearch's own --host is the remote host of an event; --of-host is ours here.
    if (one.names.front() == "--host") one.names = {"--of-host"};
    if (one.names.front() == "--from") one.names = {"--from", "-if", "--input"};
    table.push_back(std::move(one));
  }
  table.push_back(follow_option(common));
  return table;
}

Result<> check_search(const SearchOptions& options) {
  const bool extra = options.extra_time || options.extra_labels || options.extra_keys || options.extra_second;
  if (extra && options.format != SearchOptions::Format::csv)
    return fail(Errc::config, "--extra-keys, --extra-labels, --extra-obj2 and --extra-time need --format csv");
  return {};
}

}  // namespace acta::report::audit
