#include <libaudit.h>

#include <algorithm>

#include "report/audit/search.h"

namespace acta::report::audit {
namespace {

/// Names are compared as the tool does: what the tail says of the field, else the document.
class Ids {
 public:
  explicit Ids(const AuditEvent& event) : event_(event), words_(words_of(event)) {}

  [[nodiscard]] bool is(const WantedId& wanted, uint32_t id, std::string_view field, bool group = false) const {
    if (wanted.name.empty()) return wanted.id == id;
    std::string_view said = group ? std::string_view() : words_.find(field);
    if (said.starts_with('"')) said = said.substr(1, said.find('"', 1) - 1);
    return said.empty() ? wanted.name == name_of(event_, id, group) : wanted.name == said;
  }

 private:
  const AuditEvent& event_;
  const TailWords words_;
};

bool is_user(const SearchOptions& options, const AuditEvent& event, const Extracted& found) {
  if (!options.user && !options.effective_user && !options.login) return true;
  const Ids ids(event);
  if (options.any_user) {
    return ids.is(*options.user, found.user, "uid") || ids.is(*options.user, found.effective_user, "euid") ||
           ids.is(*options.user, found.login, "auid");
  }
  return (!options.user || ids.is(*options.user, found.user, "uid")) &&
         (!options.effective_user || ids.is(*options.effective_user, found.effective_user, "euid")) &&
         (!options.login || ids.is(*options.login, found.login, "auid"));
}

bool is_group(const SearchOptions& options, const AuditEvent& event, const Extracted& found) {
  if (!options.group && !options.effective_group) return true;
  const Ids ids(event);
  if (options.any_group)
    return ids.is(*options.group, found.group, "gid", true) ||
           ids.is(*options.group, found.effective_group, "egid", true);
  return (!options.group || ids.is(*options.group, found.group, "gid", true)) &&
         (!options.effective_group || ids.is(*options.effective_group, found.effective_group, "egid", true));
}

/// Compares texts, whole or in part.
class Texts {
 public:
  explicit Texts(bool whole) : whole_(whole) {}

  [[nodiscard]] bool is(const std::string& wanted, std::string_view text) const {
    return whole_ ? text == wanted : text.find(wanted) != std::string_view::npos;
  }
  [[nodiscard]] bool is(const std::optional<std::string>& wanted, const std::optional<std::string>& text) const {
    return !wanted || (text && is(*wanted, *text));
  }
  /// One of a list of contexts.
  [[nodiscard]] bool is_context(const std::string& wanted, const std::vector<AccessVector>& access,
                                std::optional<std::string> AccessVector::*context) const {
    return std::ranges::any_of(access,
                               [&](const AccessVector& one) { return one.*context && is(wanted, *(one.*context)); });
  }

 private:
  const bool whole_;
};

bool is_file(const SearchOptions& options, const Extracted& found, const Texts& texts) {
  if (!options.file) return true;
  const auto named = [&](const NamedFile& file) { return texts.is(*options.file, file.name); };
  return std::ranges::any_of(found.files, named) || (found.directory && texts.is(*options.file, *found.directory));
}

bool is_context(const SearchOptions& options, const Extracted& found, const Texts& texts) {
  const auto subject = [&] { return texts.is_context(*options.subject, found.access, &AccessVector::subject); };
  const auto object = [&] { return texts.is_context(*options.object, found.access, &AccessVector::object); };
  if (options.any_context) return subject() || object();
  if (options.subject) return subject();  // the tool looks at -o only without -su
  return !options.object || object();
}

bool is_text(const SearchOptions& options, const Extracted& found) {
  const Texts texts(options.whole_words);
  if (!is_file(options, found, texts)) return false;
  if (!texts.is(options.host, found.host) || !texts.is(options.terminal, found.terminal)) return false;
  if (!texts.is(options.exe, found.exe) || !texts.is(options.command, found.command)) return false;
  const auto key = [&](const std::string& one) { return texts.is(*options.key, one); };
  if (options.key && std::ranges::none_of(found.keys, key)) return false;
  if (!texts.is(options.guest, found.machine) || !texts.is(options.uuid, found.uuid)) return false;
  return is_context(options, found, texts);
}

}  // namespace

uint32_t SearchOptions::needs() const {
  const std::pair<bool, uint32_t> needed[] = {
      {pid.has_value(), kNeedPid},
      {parent.has_value(), kNeedParent},
      {user.has_value(), kNeedUser},
      {effective_user || any_user, kNeedEffectiveUser},
      {login || any_user, kNeedLogin},
      {group.has_value(), kNeedGroup},
      {effective_group || any_group, kNeedEffectiveGroup},
      {session.has_value(), kNeedSession},
      {success.has_value(), kNeedSuccess},
      {exit.has_value(), kNeedExit},
      {machine || format == Format::interpreted || format == Format::csv || format == Format::text, kNeedArch},
      {file.has_value(), kNeedFiles},
      {exe.has_value(), kNeedExe},
      {command.has_value(), kNeedCommand},
      {host.has_value(), kNeedHost},
      {terminal.has_value(), kNeedTerminal},
      {key.has_value(), kNeedKeys},
      {subject.has_value(), kNeedSubject},
      {object.has_value(), kNeedObject},
      {uuid.has_value(), kNeedUuid},
      {guest.has_value(), kNeedMachine}};
  uint32_t all = 0;
  for (const auto& [is, need] : needed) all |= is ? need : 0;
  return all;
}

bool matches(const SearchOptions& options, const AuditEvent& event, const Extracted& found) {
  if (options.serial && *options.serial != event.serial) return false;
  if (!options.nodes.empty() &&
      (!event.has_node || std::ranges::find(options.nodes, event.node) == options.nodes.end())) {
    return false;
  }
  if (!is_user(options, event, found) || !is_group(options, event, found)) return false;
  const auto is_same = [](const auto& wanted, const auto& value) { return !wanted || *wanted == value; };
  if (!is_same(options.parent, found.parent) || !is_same(options.pid, found.pid)) return false;
  if (options.machine && *options.machine != audit_elf_to_machine(found.arch)) return false;
  if (!is_same(options.syscall, found.syscall) || !is_same(options.session, found.session)) return false;
  if (options.exit && found.exit != options.exit) return false;
  if (!is_same(options.success, found.success)) return false;
  const auto typed = [&](int type) { return event.has(type); };
  if (!options.types.empty() && std::ranges::none_of(options.types, typed)) return false;
  return is_text(options, found);
}

}  // namespace acta::report::audit
