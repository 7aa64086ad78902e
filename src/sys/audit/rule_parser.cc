#include "sys/audit/rule_parser.h"

#include <fmt/format.h>
#include <libaudit.h>
#include <sys/stat.h>

#include <charconv>
#include <climits>
#include <memory>
#include <optional>

// What libaudit remembers between the parts of one rule; its own auditctl resets these for each.
extern "C" {
extern int _audit_syscalladded;
extern int _audit_archadded;
extern int _audit_exeadded;
extern int _audit_filterfsadded;
extern int _audit_permadded;
extern unsigned int _audit_elf;
}

namespace acta::kaudit {
namespace {

constexpr size_t kLineMax = 16u << 10;

struct FreeRule {
  void operator()(audit_rule_data* rule) const { audit_rule_free_data(rule); }
};

// What libaudit's numbers mean (errormsg.h of audit-userspace). `of` is the word given with -F or -C.
std::string reason(int code, const std::string& of) {
  switch (-code) {
    case 1:
      return fmt::format("'{}' has no operator: one of = != < <= > >= & &=", of);
    case 2:
      return fmt::format("'{}': no such field; see auditctl(8)", of);
    case 3:
      return fmt::format("'{}' must come before -S", of);
    case 4:
      return fmt::format("'{}': no such machine", of);
    case 5:
      return fmt::format("'{}': audit knows no such machine", of);
    case 6:
      return fmt::format("'{}': the machine has no such word size; b32 or b64", of);
    case 7:
      return fmt::format("'{}' is for the exit filter only", of);
    case 8:
      return fmt::format("'{}': no such record type", of);
    case 9:
    case 12:
    case 31:
    case 34:
      return fmt::format("'{}' is no field of this filter", of);
    case 11:
    case 37:
      return fmt::format("'{}' is too long or too large", of);
    case 13:
      return fmt::format("'{}' takes = or != only", of);
    case 14:
      return fmt::format("'{}': permissions are letters of rwxa", of);
    case 15:
      return fmt::format("'{}': no such error name", of);
    case 16:
      return fmt::format("'{}': no such kind of file", of);
    case 17:
      return fmt::format("'{}' is for the exit filter only", of);
    case 19:
    case 21:
      return fmt::format("'{}' needs a number, or a user or group that exists", of);
    case 20:
    case 25:
      return fmt::format("'{}' has no value", of);
    case 22:
    case 24:
      return fmt::format("'{}' has no field", of);
    case 23:
      return fmt::format("'{}' needs a system call, a watch or a field before it", of);
    case 26:
    case 27:
    case 33:
      return fmt::format("'{}': these two fields cannot be compared", of);
    case 28:
      return fmt::format("'{}' is one field too many: {} at most", of, AUDIT_MAX_FIELDS);
    case 29:
      return fmt::format("'{}' takes = only", of);
    case 30:
    case 35:
      // libaudit asked the kernel for its features, once; none is the answer to those who may not ask.
      if (audit_get_features() == 0)
        return fmt::format(
            "'{}': whether this kernel knows it could not be asked, which takes CAP_AUDIT_CONTROL and "
            "the first PID namespace (no container's)",
            of);
      return fmt::format("'{}' is more than this kernel knows", of);
    case 36:
      return fmt::format("'{}': no such file system", of);
    default:
      return fmt::format("'{}' is refused (libaudit {})", of, code);
  }
}

std::optional<uint32_t> filter_of(std::string_view word) {
  if (word == "task") return AUDIT_FILTER_TASK;
  if (word == "exit" || word == "entry") return AUDIT_FILTER_EXIT;  // entry is gone since Linux 2.6.30
  if (word == "user") return AUDIT_FILTER_USER;
  if (word == "exclude") return AUDIT_FILTER_EXCLUDE;
  if (word == "filesystem") return AUDIT_FILTER_FS;
  return std::nullopt;
}

std::optional<uint32_t> action_of(std::string_view word) {
  if (word == "always") return AUDIT_ALWAYS;
  if (word == "never") return AUDIT_NEVER;
  return std::nullopt;
}

// Reads the words of one rule into libaudit's structure, part by part.
class RuleReader {
 public:
  RuleReader() : rule_(audit_rule_create_data()) {
    set_aumessage_mode(MSG_QUIET, DBG_NO);
    _audit_syscalladded = _audit_archadded = _audit_exeadded = _audit_filterfsadded = _audit_permadded = 0;
    _audit_elf = 0;
  }

  Result<Rule> read(const std::vector<std::string>& words) {
    for (size_t i = 0; i < words.size(); i += 2) {
      const std::string& option = words[i];
      if (option.size() != 2 || option[0] != '-') return fail(Errc::config, fmt::format("'{}' is no option", option));
      if (i + 1 >= words.size()) return fail(Errc::config, fmt::format("option {} needs a value", option));
      if (auto taken = take(option[1], words[i + 1]); !taken) return tl::unexpected(taken.error());
    }
    return finish();
  }

 private:
  Result<> take(char option, const std::string& value) {
    switch (option) {
      case 'a':
        return begin(Rule::Op::append, value);
      case 'A':
        return begin(Rule::Op::prepend, value);
      case 'd':
        return begin(Rule::Op::remove, value);
      case 'w':
        return watch(Rule::Op::append, value);
      case 'W':
        return watch(Rule::Op::remove, value);
      case 'p':
        return permissions(value);
      case 'k':
        return key(value);
      case 'S':
        return system_calls(value);
      case 'F':
        return field(value, false);
      case 'C':
        return field(value, true);
      default:
        return fail(Errc::config, fmt::format("option -{} is not known here", option));
    }
  }

  Result<> begin(Rule::Op op, const std::string& value) {
    if (filter_) return fail(Errc::config, "one rule adds or deletes once: -a, -A, -d, -w and -W exclude each other");
    const size_t comma = value.find(',');
    const std::string_view left = std::string_view(value).substr(0, comma);
    const std::string_view right =
        comma == std::string::npos ? std::string_view{} : std::string_view(value).substr(comma + 1);
    filter_ = filter_of(left) ? filter_of(left) : filter_of(right);
    action_ = action_of(left) ? action_of(left) : action_of(right);
    if (!filter_ || !action_) {
      filter_.reset();
      return fail(Errc::config,
                  fmt::format("'{}' must be an action and a filter: always or never, and exit, task, user, "
                              "exclude or filesystem",
                              value));
    }
    op_ = op;
    return {};
  }

  Result<> watch(Rule::Op op, std::string path) {
    if (filter_) return fail(Errc::config, "one rule adds or deletes once: -a, -A, -d, -w and -W exclude each other");
    if (path.empty() || path[0] != '/')
      return fail(Errc::config, fmt::format("watch '{}': the path must begin with /", path));
    if (path.size() >= PATH_MAX) return fail(Errc::config, "the path of the watch is too long");
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    struct stat found {};
    const bool directory = ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
    audit_rule_data* raw = rule_.release();
    const int refused = audit_add_watch_dir(directory ? AUDIT_DIR : AUDIT_WATCH, &raw, path.c_str());
    rule_.reset(raw);
    if (refused != 0) return fail(Errc::config, fmt::format("watch '{}' is refused", path));
    filter_ = AUDIT_FILTER_EXIT;
    action_ = AUDIT_ALWAYS;
    op_ = op;
    _audit_syscalladded = 1;
    return {};
  }

  Result<> permissions(const std::string& value) {
    int bits = 0;
    for (const char c : value) {
      const size_t at = std::string_view("xwra").find(c);  // 1, 2, 4, 8
      if (at == std::string_view::npos) return fail(Errc::config, reason(-14, value));
      bits |= 1 << at;
    }
    if (value.empty() || audit_update_watch_perms(rule_.get(), bits) != 0)
      return fail(Errc::config, "-p needs a watch (-w) before it");
    _audit_permadded = 1;
    return {};
  }

  Result<> key(const std::string& value) {
    if (!filter_) return fail(Errc::config, "-k needs a rule before it");
    if (value.find('\1') != std::string::npos) return fail(Errc::config, "a key must not hold the byte 1");
    if (!key_.empty()) key_ += '\1';
    key_ += value;
    if (key_.size() > AUDIT_MAX_KEY_LEN)
      return fail(Errc::config, fmt::format("the keys are longer than {} bytes", AUDIT_MAX_KEY_LEN));
    return {};
  }

  Result<> system_calls(const std::string& value) {
    if (!filter_) return fail(Errc::config, "-S needs -a or -d before it");
    if (*filter_ != AUDIT_FILTER_EXIT) return fail(Errc::config, "-S is for the exit filter only");
    if (_audit_elf == 0) {
      const int machine = audit_detect_machine();
      if (machine < 0) return fail(Errc::config, "this machine's system calls are not known: name one with -F arch=");
      _audit_elf = audit_machine_to_elf(machine);
    }
    for (size_t at = 0; at <= value.size();) {
      const size_t comma = std::min(value.find(',', at), value.size());
      const std::string name = value.substr(at, comma - at);
      if (name.empty() || audit_rule_syscallbyname_data(rule_.get(), name.c_str()) != 0)
        return fail(Errc::config, fmt::format("'{}': no such system call on this architecture", name));
      at = comma + 1;
    }
    _audit_syscalladded = 1;
    return {};
  }

  Result<> field(const std::string& value, bool compared) {
    if (!filter_) return fail(Errc::config, fmt::format("-{} needs -a or -d before it", compared ? 'C' : 'F'));
    std::string pair = value;  // libaudit writes into it
    audit_rule_data* raw = rule_.release();
    const auto filter = static_cast<int>(*filter_);
    const int refused = compared ? audit_rule_interfield_comp_data(&raw, pair.c_str(), filter)
                                 : audit_rule_fieldpair_data(&raw, pair.c_str(), filter);
    rule_.reset(raw);
    if (refused != 0) return fail(Errc::config, reason(refused, value));
    if (raw->field_count > 0 && raw->fields[raw->field_count - 1] == AUDIT_PERM) _audit_permadded = 1;
    return {};
  }

  Result<Rule> finish() {
    if (!filter_) return fail(Errc::config, "it adds or deletes nothing: -a, -A, -d, -w or -W is missing");
    if (!key_.empty()) {
      if (auto keyed = field("key=" + key_, false); !keyed) return tl::unexpected(keyed.error());
    }
    if (*filter_ != AUDIT_FILTER_TASK && _audit_syscalladded == 0) audit_rule_syscallbyname_data(rule_.get(), "all");
    rule_->flags = *filter_ | (op_ == Rule::Op::prepend ? AUDIT_FILTER_PREPEND : 0);
    rule_->action = *action_;
    // "All" sets the highest bits too, which name classes of calls; the kernel takes them out, and lists the rule
    // without them (kernel/auditfilter.c: audit_to_entry_common).
    rule_->mask[AUDIT_BITMASK_SIZE - 1] &= (1u << (32 - AUDIT_SYSCALL_CLASSES)) - 1;
    Rule rule;
    rule.op = op_;
    rule.bytes.assign(reinterpret_cast<const char*>(rule_.get()), sizeof *rule_ + rule_->buflen);
    return rule;
  }

  std::unique_ptr<audit_rule_data, FreeRule> rule_;
  std::optional<uint32_t> filter_, action_;
  Rule::Op op_ = Rule::Op::append;
  std::string key_;
};

// Words of a line as a shell would split them: '…' as it is, "…" with \" and \\, \ before anything outside.
Result<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == 0 && (c == ' ' || c == '\t')) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      words.back() += line[++i];
    } else {
      words.back() += c;
    }
  }
  if (quote != 0) return fail(Errc::config, fmt::format("the quote {} is not closed", quote));
  return words;
}

// Settings among the rules. Returns false when the words are none.
Result<bool> take_setting(const std::vector<std::string>& words, RuleScript& script) {
  struct Setting {
    std::string_view option;
    Change::Mask mask;
    uint32_t Status::*member;
    uint32_t max;
  };
  static constexpr Setting kSettings[] = {{"-b", Change::kBacklogLimit, &Status::backlog_limit, UINT32_MAX},
                                          {"-f", Change::kFailure, &Status::failure, 2},
                                          {"-r", Change::kRateLimit, &Status::rate_limit, UINT32_MAX},
                                          {"-e", Change::kEnabled, &Status::enabled, 2},
                                          {"--backlog_wait_time", Change::kWaitTime, &Status::wait_time, UINT32_MAX}};
  const std::string& option = words[0];
  if (option == "-D" || option == "-c" || option == "-i") {
    if (words.size() > 1) return fail(Errc::config, option + " stands alone");
    script.delete_all = script.delete_all || option == "-D";
    return true;
  }
  for (const Setting& setting : kSettings) {
    if (option != setting.option) continue;
    uint32_t number = 0;
    const std::string value = words.size() == 2 ? words[1] : "";
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    if (value.empty() || read.ec != std::errc() || read.ptr != value.data() + value.size() || number > setting.max)
      return fail(Errc::config, fmt::format("{} needs one number from 0 to {}", option, setting.max));
    script.settings.mask |= setting.mask;
    script.settings.to.*setting.member = number;
    return true;
  }
  return false;
}

Result<> take_line(std::string_view line, const std::string& where, RuleScript& script) {
  if (line.size() > kLineMax) return fail(Errc::config, fmt::format("a line of more than {} bytes", kLineMax));
  auto words = split_words(line);
  if (!words) return tl::unexpected(words.error());
  auto setting = take_setting(*words, script);
  if (!setting) return tl::unexpected(setting.error());
  if (*setting) return {};
  auto rule = parse_rule(*words);
  if (!rule) return tl::unexpected(rule.error());
  rule->text = std::string(line);
  rule->where = where;
  script.rules.push_back(std::move(*rule));
  return {};
}

}  // namespace

Result<Rule> parse_rule(const std::vector<std::string>& words) {
  return RuleReader().read(words);
}

void RuleScript::append(RuleScript&& other) {
  rules.insert(rules.end(), std::make_move_iterator(other.rules.begin()), std::make_move_iterator(other.rules.end()));
  bad.insert(bad.end(), std::make_move_iterator(other.bad.begin()), std::make_move_iterator(other.bad.end()));
  delete_all = delete_all || other.delete_all;
  if ((other.settings.mask & Change::kEnabled) != 0) settings.to.enabled = other.settings.to.enabled;
  if ((other.settings.mask & Change::kFailure) != 0) settings.to.failure = other.settings.to.failure;
  if ((other.settings.mask & Change::kRateLimit) != 0) settings.to.rate_limit = other.settings.to.rate_limit;
  if ((other.settings.mask & Change::kBacklogLimit) != 0) settings.to.backlog_limit = other.settings.to.backlog_limit;
  if ((other.settings.mask & Change::kWaitTime) != 0) settings.to.wait_time = other.settings.to.wait_time;
  settings.mask |= other.settings.mask;
}

RuleScript parse_rules(std::string_view text, const std::string& name) {
  RuleScript script;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == '#') continue;
    line = line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
    const std::string where = fmt::format("{}:{}", name, number);
    if (auto taken = take_line(line, where, script); !taken)
      script.bad.push_back(fmt::format("{}: {}", where, taken.error().what));
  }
  return script;
}

}  // namespace acta::kaudit
