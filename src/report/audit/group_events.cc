// Records made of the fields that a group of documents is by.
#include <fmt/format.h>
#include <libaudit.h>

#include <algorithm>
#include <charconv>

#include "report/audit/questions.h"

namespace acta::report::audit {
namespace {

/// The fields of a record that the tools look at, in the order in which they do; behind ' those of a message.
struct Layout {
  int first, last;
  std::string_view fields;
};

constexpr std::string_view kUserFields = "pid auid ' path new-disk comm acct exe hostname addr terminal res";
constexpr std::string_view kTaskFields = "pid auid tty comm exe res";

constexpr Layout kLayouts[] = {
    {AUDIT_SYSCALL, AUDIT_SYSCALL, "arch syscall success a0 a1 pid auid tty comm exe key"},
    {AUDIT_PATH, AUDIT_PATH, "name nametype"},
    {AUDIT_SOCKADDR, AUDIT_SOCKADDR, "saddr"},
    {AUDIT_LOGIN, AUDIT_LOGIN, "pid auid res"},
    {AUDIT_USER_AVC, AUDIT_USER_AVC, "pid auid ' seresult tcontext tclass comm acct exe hostname addr terminal res"},
    {AUDIT_USER, AUDIT_USER, kUserFields},
    {AUDIT_FIRST_USER_MSG, AUDIT_LAST_USER_MSG, kUserFields},
    {AUDIT_FIRST_USER_MSG2, AUDIT_LAST_USER_MSG2, kUserFields},
    {AUDIT_DAEMON_ACCEPT, AUDIT_DAEMON_CLOSE, "addr res"},
    {AUDIT_FIRST_DAEMON, AUDIT_LAST_DAEMON, "auid pid res"},
    {AUDIT_CONFIG_CHANGE, AUDIT_CONFIG_CHANGE, "auid path key res"},
    {kMacFirst, kMacLast, "auid key res"},
    {AUDIT_AVC, AUDIT_AVC, "seresult pid comm path name tcontext tclass"},
    {AUDIT_AVC_PATH, AUDIT_AVC_PATH, "path"},
    {AUDIT_NETFILTER_PKT, AUDIT_NETFILTER_PKT, "saddr"},
    {AUDIT_FEATURE_CHANGE, AUDIT_FEATURE_CHANGE, kTaskFields},
    {AUDIT_ANOM_LINK, AUDIT_ANOM_LINK, kTaskFields},
    {AUDIT_SECCOMP, AUDIT_SECCOMP, "auid pid comm exe arch syscall res"},
    {AUDIT_ANOM_PROMISCUOUS, AUDIT_ANOM_ABEND, "auid pid comm exe res"},
    {AUDIT_NETFILTER_CFG, AUDIT_NETFILTER_CFG, kTaskFields},
    {AUDIT_EVENT_LISTENER, AUDIT_EVENT_LISTENER, kTaskFields},
    {AUDIT_INTEGRITY_FIRST_MSG, AUDIT_INTEGRITY_LAST_MSG, "pid auid comm name res"},
    {AUDIT_TTY, AUDIT_TTY, "pid auid comm"},
};

/// What the tools want to find, and a question did not ask for.
std::string_view stand_in(std::string_view key) {
  if (key == "arch") return "c000003e";
  if (key == "tclass") return "file";
  if (key == "nametype") return "NORMAL";
  return key == "syscall" || key == "a0" || key == "a1" || key == "pid" ? "1" : std::string_view();
}

/// Each record has its own of these, even where another one says the same.
bool is_own(std::string_view key) {
  return key == "key" || key == "path" || key == "name" || key == "new-disk" || key == "saddr";
}

/// What is shown in quotes, or else is in hexadecimal.
bool is_quoted(std::string_view key) {
  return key == "comm" || key == "exe" || key == "acct" || key == "key" || key == "path" || key == "name" ||
         key == "new-disk";
}

std::string_view take_word(std::string_view& text, char end) {
  const std::string_view word = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return word;
}

class GroupRecords {
 public:
  GroupRecords(const Document& document, const Group& group, uint32_t needs)
      : document_(document), needs_(needs), names_(document.text("auditd.names")) {
    const std::string_view node = document.text("auditd.node");
    if (!node.empty()) node_ = fmt::format("node={} ", node);
    for (const auto& [key, name] : {std::pair("AUID", "auid"), std::pair("SYSCALL", "syscall")}) {
      const std::string_view words = document.text(std::string("auditd.interpreted.") + name);
      if (!words.empty()) tail_ += fmt::format("{}{}={}", tail_.empty() ? "\x1d" : " ", key, words);
    }
    stamp_ = fmt::format("{:010}.{:03}:0", group.first / kSecond, group.first % kSecond / kMillisecond);
  }

  /// The lines of all records.
  std::string lines() {
    std::string text;
    for (std::string_view list = document_.text("auditd.records"); !list.empty();) {
      const size_t end = list.find_first_of(" {");
      const std::string_view name = list.substr(0, end);
      list.remove_prefix(std::min(list.size(), name.size()));
      std::string_view said;
      if (list.starts_with('{')) said = take_word(list, '}').substr(1);
      if (list.starts_with(' ')) list.remove_prefix(1);
      text += fmt::format("{}type={} msg=audit({}):", node_, name, stamp_);
      write(audit_name_to_msg_type(std::string(name).c_str()), said, text);
      text.append(tail_).append("\n");
    }
    return text;
  }

 private:
  void write(int type, std::string_view said, std::string& text) {
    const auto layout =
        std::ranges::find_if(kLayouts, [type](const Layout& one) { return type >= one.first && type <= one.last; });
    if (layout == std::end(kLayouts)) return;
    bool message = false;
    for (std::string_view fields = layout->fields; !fields.empty();) {
      const std::string_view key = take_word(fields, ' ');
      if (key == "'") {
        text += " msg='op=x";
        message = true;
      } else {
        write_field(type, key, said, message, text);
      }
    }
    text += message ? " '" : " ";  // most values end with a space, or else the record is malformed
  }

  void write_field(int type, std::string_view key, std::string_view said, bool message, std::string& text) {
    if (key == "seresult") {
      const std::string_view result = document_.text("auditd.data.seresult");
      if (!result.empty()) text += fmt::format(" avc:  {}  {{ x }} for ", result);
      return;
    }
    const std::string value = type == AUDIT_PATH && key == "name" ? next_name() : value_of(key, said);
    if (!value.empty()) {
      text += fmt::format(" {}={}", key, value);
    } else if (message && key == "res") {
      const std::string_view result = document_.text("auditd.data.result");  // old text of PAM
      if (!result.empty()) text += fmt::format(" result={})", result);
    }
  }

  /// Of a PATH record, as printed; empty: it has none.
  std::string next_name() {
    const std::string_view word = take_word(names_, ' ');
    if (word.starts_with('=')) return std::string(word.substr(1));
    return word.empty() ? std::string() : fmt::format("\"{}\"", word);
  }

  /// As printed in the record; empty: it has none.
  std::string value_of(std::string_view key, std::string_view said) {
    while (!said.empty()) {
      std::string_view value = take_word(said, ' ');
      if (take_word(value, '=') == (key == "new-disk" ? "new_disk" : key)) return std::string(value);
    }
    if (is_own(key) && std::ranges::find(given_, key) != given_.end()) return {};
    const std::string name = key == "new-disk" ? "new_disk" : std::string(key);
    std::string_view value = document_.text("auditd.raw." + name);
    if (value.empty()) value = document_.text("auditd.data." + name);
    if (value.empty()) return key == "pid" && (needs_ & kNeedPid) != 0 ? "" : std::string(stand_in(key));
    if (is_own(key)) given_.push_back(key);
    const bool bare = !is_quoted(key) || document_.has("auditd.interpreted." + name) || value == "(null)" ||
                      value == "?" || value.starts_with('"');
    return bare ? std::string(value) : fmt::format("\"{}\"", value);
  }

  const Document& document_;
  const uint32_t needs_;
  std::string node_, stamp_, tail_;
  std::string_view names_;               ///< of PATH records that are still to come
  std::vector<std::string_view> given_;  ///< keys of auditd.data that a record has taken for itself
};

}  // namespace

bool make_group_events(const Document& document, const Group& group, uint32_t needs, Compat compat,
                       std::vector<AuditEvent>& events) {
  const size_t had = events.size();
  split_events(GroupRecords(document, group, needs).lines(), compat, events);
  const std::string_view digits = document.text("auditd.data.auid");
  const std::string_view name = document.text("auditd.interpreted.auid");
  uint32_t id = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  for (size_t i = had; i < events.size(); ++i) {
    events[i].host = document.host();
    if (read.ec == std::errc{} && !name.empty()) events[i].names.push_back({false, id, std::string(name)});
  }
  return events.size() > had;
}

}  // namespace acta::report::audit
