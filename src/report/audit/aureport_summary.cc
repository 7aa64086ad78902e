// The totals of aureport: counting and printing.
#include <fmt/format.h>
#include <libaudit.h>

#include "report/audit/aureport.h"
#include "report/json_line.h"

namespace acta::report::audit {
namespace {

constexpr const char* kNothing = "<no events of interest were found>\n\n";

}  // namespace

void Aureport::count(const RowContext& row, const Counted& counted) {
  if (options_.kind->summary == Summary::figures) {
    if ((counted.needs & kNeedOutcomes) == kNeedOutcomes) count_outcomes(row, counted.times);
    return count_texts(row, counted);
  }
  const auto counts = options_.kind->counts != nullptr ? options_.kind->counts : options_.kind->takes;
  if (!counts(row.event, row.found)) return;
  if (options_.kind->summary == Summary::types) {
    numbers_.add(row.event.type(), counted.times);
  } else if (options_.kind->summary == Summary::numbers) {
    numbers_.add(static_cast<int32_t>(row.found.pid), counted.times);
  } else if (options_.kind->values != nullptr) {
    std::vector<std::string> values;
    options_.kind->values(row, values);
    Tally::Place place = counted.place;
    for (const std::string& value : values) {
      texts_.add(value, counted.times, place);
      ++place.within;
    }
  }
}

// Of what each there is how much.
void Aureport::count_texts(const RowContext& row, const Counted& counted) {
  const Extracted& found = row.found;
  const auto told = [&counted](Need need) { return (counted.needs & need) != 0; };
  const auto add = [&counted](Tally& tally, std::string_view text) { tally.add(text, counted.times, counted.place); };
  if (told(kNeedLogin) && found.login != Extracted::kNoLogin)
    add(figures_.users, std::to_string(static_cast<int32_t>(found.login)));
  if (told(kNeedTerminal) && found.terminal) add(figures_.terminals, *found.terminal);
  if (told(kNeedHost) && found.host) add(figures_.hosts, *found.host);
  if (told(kNeedExe) && found.exe) add(figures_.executables, *found.exe);
  if (told(kNeedCommand) && found.command) add(figures_.commands, *found.command);
  if (told(kNeedFiles)) {
    for (const NamedFile& file : found.files) add(figures_.files, file.name);
  }
  if (told(kNeedKeys)) {
    for (const std::string& key : found.keys) {
      if (key != "(null)") add(figures_.keys, key);
    }
  }
  if (told(kNeedPid) && found.pid != Extracted::kUnset) figures_.pids.add(found.pid, counted.times);
}

// How many events there are of a kind.
void Aureport::count_outcomes(const RowContext& row, uint64_t times) {
  const AuditEvent& event = row.event;
  const bool good = row.found.success == Extracted::kSucceeded;
  const bool bad = row.found.success == Extracted::kFailed;
  const auto when = [times](uint64_t& figure, bool is) { figure += is ? times : 0; };
  const auto each = [&](uint64_t& figure, int low, int high) { when(figure, event.has(low, high)); };
  figures_.events += times;
  for (const int type : {AUDIT_CONFIG_CHANGE, AUDIT_DAEMON_CONFIG, AUDIT_USYS_CONFIG, AUDIT_NETFILTER_CFG,
                         AUDIT_FEATURE_CHANGE, AUDIT_USER_MAC_CONFIG_CHANGE}) {
    each(figures_.changes, type, type);
  }
  each(figures_.changes, kMacFirst, kMacLast);
  for (const int type : {AUDIT_USER_CHAUTHTOK, AUDIT_USER_MGMT, AUDIT_GRP_MGMT})
    each(figures_.account_changes, type, type);
  each(figures_.account_changes, AUDIT_ADD_USER, AUDIT_DEL_GROUP);
  each(figures_.account_changes, AUDIT_ROLE_ASSIGN, AUDIT_ROLE_REMOVE);
  when(figures_.good_logins, good && event.has(AUDIT_USER_LOGIN));
  when(figures_.bad_logins, bad && event.has(AUDIT_USER_LOGIN));
  const bool managed = event.has(AUDIT_USER_MGMT);
  const bool asked = event.has(AUDIT_USER_AUTH) || (!managed && event.has(AUDIT_GRP_AUTH));
  when(figures_.good_auth, good && asked);
  when(figures_.bad_auth, bad && (asked || managed));
  when(figures_.access_vectors, event.has(AUDIT_AVC) || event.has(AUDIT_USER_AVC));
  when(figures_.failed_syscalls, bad && row.found.syscall > 0);
  each(figures_.mac, kMacFirst, kMacLast);
  each(figures_.mac, AUDIT_FIRST_USER_LSPP_MSG, AUDIT_LAST_USER_LSPP_MSG);
  each(figures_.virtual_machines, AUDIT_FIRST_VIRT_MSG, AUDIT_LAST_VIRT_MSG);
  each(figures_.integrity, AUDIT_INTEGRITY_FIRST_MSG, AUDIT_INTEGRITY_LAST_MSG);
  each(figures_.anomalies, AUDIT_FIRST_ANOM_MSG, AUDIT_LAST_ANOM_MSG);
  each(figures_.anomalies, AUDIT_FIRST_KERN_ANOM_MSG, AUDIT_LAST_KERN_ANOM_MSG);
  each(figures_.responses, AUDIT_FIRST_ANOM_RESP, AUDIT_LAST_ANOM_RESP);
  each(figures_.crypto, AUDIT_FIRST_KERN_CRYPTO_MSG, AUDIT_LAST_KERN_CRYPTO_MSG);
  each(figures_.crypto, AUDIT_FIRST_CRYPTO_MSG, AUDIT_LAST_CRYPTO_MSG);
}

std::vector<Aureport::Figure> Aureport::figures() const {
  const Figures& f = figures_;
  return {{"changes in configuration", f.changes},
          {"changes to accounts, groups, or roles", f.account_changes},
          {"logins", f.good_logins},
          {"failed logins", f.bad_logins},
          {"authentications", f.good_auth},
          {"failed authentications", f.bad_auth},
          {"users", f.users.size()},
          {"terminals", f.terminals.size()},
          {"host names", f.hosts.size()},
          {"executables", f.executables.size()},
          {"commands", f.commands.size()},
          {"files", f.files.size()},
          {"AVC's", f.access_vectors},
          {"MAC events", f.mac},
          {"failed syscalls", f.failed_syscalls},
          {"anomaly events", f.anomalies},
          {"responses to anomaly events", f.responses},
          {"crypto events", f.crypto},
          {"integrity events", f.integrity},
          {"virt events", f.virtual_machines},
          {"keys", f.keys.size()},
          {"process IDs", f.pids.size()},
          {"events", f.events}};
}

void Aureport::print_figures() {
  if (options_.json) {
    JsonLine object;
    object.text("report", options_.kind->name);
    object.text("first", fmt::format("{}.{:03}", first_.second, first_.milli));
    object.text("last", fmt::format("{}.{:03}", last_.second, last_.milli));
    for (const Figure& figure : figures()) object.number(figure.label, static_cast<int64_t>(figure.value));
    sink_(object.line());
    return;
  }
  const Period& period = options_.period;
  const auto milli = [](unsigned value) { return fmt::format(".{:03}", value); };
  sink_(fmt::format("Range of time in logs: {}{} - {}{}\n", date_and_time(first_.second), milli(first_.milli),
                    date_and_time(last_.second), milli(last_.milli)));
  sink_(fmt::format(
      "Selected time for report: {} - {}{}\n", date_and_time(period.start != 0 ? period.start : first_.second),
      date_and_time(period.end != 0 ? period.end : last_.second), period.end != 0 ? "" : milli(last_.milli)));
  for (const Figure& figure : figures()) sink_(fmt::format("Number of {}: {}\n", figure.label, figure.value));
  sink_("\n");
}

void Aureport::print_total(uint64_t hits, std::string_view text) {
  if (!options_.json) {
    sink_(fmt::format("{}  {}\n", hits, text));
    return;
  }
  JsonLine object;
  object.text("report", options_.kind->name).number("total", static_cast<int64_t>(hits)).text("value", text);
  sink_(object.line());
}

void Aureport::print_summary() {
  const Summary how = options_.kind->summary;
  if (how == Summary::none) return;
  if (how == Summary::types || how == Summary::numbers) {
    for (const NumberTally::Row& row : numbers_.by_hits()) {
      const bool named = how == Summary::types && options_.interpret;
      print_total(row.hits, named ? type_word(static_cast<int>(row.number)) : std::to_string(row.number));
    }
  } else {
    for (const Tally::Row& row : texts_.by_hits()) {
      const bool as_is = how == Summary::texts || options_.json;
      print_total(row.hits, as_is ? row.text : escaped(row.text, options_.escape));
    }
  }
  if (numbers_.size() == 0 && texts_.size() == 0 && !options_.json) sink_(kNothing);
}

std::vector<std::string> Aureport::remarks() const {
  std::vector<std::string> lines;
  const std::pair<const char*, bool> capped[] = {{"users", figures_.users.capped()},
                                                 {"terminals", figures_.terminals.capped()},
                                                 {"host names", figures_.hosts.capped()},
                                                 {"executables", figures_.executables.capped()},
                                                 {"commands", figures_.commands.capped()},
                                                 {"files", figures_.files.capped()},
                                                 {"keys", figures_.keys.capped()},
                                                 {"process IDs", figures_.pids.capped()},
                                                 {"values", texts_.capped() || numbers_.capped()}};
  for (const auto& [what, is] : capped) {
    if (is) lines.push_back(fmt::format("There are more {} than are kept: their number is the least it can be.", what));
  }
  return lines;
}

}  // namespace acta::report::audit
