#include "report/audit/aulast.h"

#include <libaudit.h>

#include <algorithm>

#include "report/audit/field_walk.h"
#include "report/audit/period.h"
#include "report/json_line.h"
#include "report/print.h"

namespace acta::report::audit {
namespace {

/// Who began and ended what; -1 for none, also for the number that stands for none.
struct Ids {
  int pid = -1, uid = -1, session = -1;
  [[nodiscard]] bool known() const { return pid != -1 && uid != -1 && session != -1; }
};

// Kernels before 3.14 write the old id and the new one under one name.
bool go_to_second(FieldWalk& walk, std::string_view old_name, std::string_view name) {
  if (walk.find(old_name)) return walk.find(name).has_value();
  walk.restart();
  walk.find(name);
  walk.step();
  return walk.find(name).has_value();
}

}  // namespace

void Aulast::add(const AuditEvent& event) {
  last_ = std::max(last_, event.second);
  switch (event.type()) {
    case AUDIT_LOGIN:
      begin(event);
      break;
    case AUDIT_USER_LOGIN:
      name(event);
      break;
    case AUDIT_USER_END:
      end(event);
      break;
    case AUDIT_SYSTEM_BOOT:
      boot(event);
      break;
    case AUDIT_SYSTEM_SHUTDOWN:
      shut_down(event);
      break;
    case AUDIT_DAEMON_START:
      if (const auto release = FieldWalk(event).find("kernel")) {
        kernel_ = *release;
        has_kernel_ = true;
      }
      break;
    default:
      return;
  }
  if (options_.extract) options_.extract(event.records.front().message);
}

std::vector<Aulast::Login>::iterator Aulast::find(uint32_t uid, int pid, uint32_t session) {
  return std::ranges::find_if(
      open_, [&](const Login& login) { return login.pid == pid && login.uid == uid && login.session == session; });
}

void Aulast::begin(const AuditEvent& event) {
  FieldWalk walk(event);
  Ids ids;
  std::string user;
  if (walk.find("pid")) ids.pid = walk.number();
  const bool has_user = go_to_second(walk, "old-auid", "auid");
  if (has_user) {
    ids.uid = walk.number();
    user = walk.words();
  }
  if (go_to_second(walk, "old-ses", "ses")) ids.session = walk.number();
  if (!ids.known()) return;
  const auto same = std::ranges::find(open_, static_cast<uint32_t>(ids.session), &Login::session);
  if (same != open_.end()) {
    same->status = Status::gone;
    same->end = event.second;
    report(*same);
    open_.erase(same);
  }
  if (!options_.user.empty() && options_.user != user) return;
  open_.push_back({.session = static_cast<uint32_t>(ids.session),
                   .uid = static_cast<uint32_t>(ids.uid),
                   .pid = ids.pid,
                   .start = event.second,
                   .name = std::move(user),
                   .host = event.host,
                   .begin_serial = event.serial});
}

void Aulast::name(const AuditEvent& event) {
  FieldWalk walk(event);
  Ids ids;
  if (walk.find("pid")) ids.pid = walk.number();
  if (walk.find("ses")) ids.session = walk.number();
  // The second uid, behind the session: gdm; all others say id.
  if (walk.find("uid")) {
    ids.uid = walk.number();
  } else {
    walk.restart();
    if (walk.find("id")) ids.uid = walk.number();
    walk.restart();
  }
  Login login{.uid = static_cast<uint32_t>(ids.uid), .host = event.host, .name_serial = event.serial};
  auto from = walk.find("hostname");
  if (from && *from == "?") from = walk.find("addr");
  login.has_from = from.has_value();
  login.from = from.value_or("");
  login.terminal = walk.find("terminal").value_or("?");
  if (const auto result = walk.find("res")) login.result = *result == "success" ? 0 : 1;
  if (login.result == 1) return fail(event, std::move(login));
  if (!ids.known() || login.result != 0) return;
  const auto open = find(login.uid, ids.pid, static_cast<uint32_t>(ids.session));
  if (open == open_.end()) return;
  if (!options_.terminal.empty() && login.terminal.find(options_.terminal) == std::string::npos) {
    open_.erase(open);
    return;
  }
  open->status = Status::named;
  open->terminal = login.terminal;
  open->from = login.from;
  open->has_from = login.has_from;
  open->result = 0;
  open->name_serial = event.serial;
}

void Aulast::fail(const AuditEvent& event, Login login) {
  if (!options_.bad) return;
  FieldWalk walk(event);
  if (walk.find("acct")) login.name = walk.words();
  login.start = login.end = event.second;
  login.status = Status::ended;
  report(login);
}

void Aulast::end(const AuditEvent& event) {
  FieldWalk walk(event);
  Ids ids;
  if (walk.find("pid")) ids.pid = walk.number();
  if (walk.find("auid")) ids.uid = walk.number();
  if (walk.find("ses")) ids.session = walk.number();
  if (!ids.known()) return;
  const auto open = find(static_cast<uint32_t>(ids.uid), ids.pid, static_cast<uint32_t>(ids.session));
  if (open == open_.end()) return;
  open->status = Status::ended;
  open->end = event.second;
  open->end_serial = event.serial;
  report(*open);
  open_.erase(open);
}

// What the tool finds open is a crash to it, whether there was a shutdown or not.
void Aulast::boot(const AuditEvent& event) {
  for (Login& login : open_) {
    login.end_serial = event.serial;
    login.status = Status::crash;
    login.end = event.second;
    report(login);
  }
  open_.clear();
  open_.push_back({.start = event.second,
                   .name = "reboot",
                   .terminal = "system boot",
                   .from = kernel_,
                   .host = event.host,
                   .has_from = has_kernel_,
                   .result = 0,
                   .begin_serial = event.serial});
}

// The tool takes what was opened first for the boot.
void Aulast::shut_down(const AuditEvent& event) {
  if (open_.empty()) return;
  Login& login = open_.front();
  login.status = Status::ended;
  login.end = event.second;
  login.end_serial = event.serial;
  report(login);
  open_.erase(open_.begin());
}

void Aulast::finish() {
  for (Login& login : open_) report(login);
  open_.clear();
}

void Aulast::report(Login& login) {
  if (login.result != (options_.bad ? 1 : 0)) return;
  if (options_.json) return print_json(login);
  const bool without_end = login.end == 0;
  if (without_end) login.end = last_;  // the tool: the time at which it runs
  print_line(login, without_end);
  if (options_.proof) print_proof(login);
}

void Aulast::print_line(const Login& login, bool without_end) {
  const bool has_name = !login.name.empty();
  std::string line = has_name ? print("%-8.8s ", login.name.c_str()) : print("%-8.u ", login.uid);
  const std::string_view terminal = login.terminal;
  const std::string shown(terminal.starts_with("/dev/") ? terminal.substr(5) : terminal);
  line += print("%-12.12s %-16.16s ", shown.c_str(), login.has_from ? login.from.c_str() : "?");
  line += print("%-16.16s ", clock_text(login.start).c_str());
  switch (login.status) {
    case Status::named:
      line += "  still logged in\n";
      break;
    case Status::crash:
      line += "- crash\n";
      break;
    case Status::gone:
      line += "  gone - no logout\n";
      break;
    case Status::ended:
      line += print("- %-7.5s", without_end ? " " : clock_text(login.end).substr(11).c_str());
      line += span_text(login.end - login.start) + "\n";
      break;
    case Status::begun:
      line += "\n";
      break;
  }
  write_(line);
}

void Aulast::print_proof(const Login& login) {
  const bool failed = login.begin_serial == 0 && login.result == 1;
  std::string text;
  if (failed) {
    text = print("    audit event proof serial number: %lu\n", login.name_serial);
  } else {
    text = print("    audit event proof serial numbers: %lu, %lu, %lu\n", login.begin_serial, login.name_serial,
                 login.end_serial);
  }
  text += "    Session data can be found with this search:\n    ausearch --start " + date_and_time(login.start);
  if (login.end != 0) text += " --end " + date_and_time(login.end);
  if (failed) text += print(" -a %lu", login.name_serial);
  write_(text + "\n\n");
}

void Aulast::print_json(const Login& login) {
  constexpr const char* kWords[] = {"open", "logged-in", "ended", "crash", "gone"};
  JsonLine line;
  line.text("host", login.host).text("user", login.name).text("terminal", login.terminal);
  line.text("from", login.has_from ? login.from : "?").number("start", login.start);
  if (login.end != 0) line.number("end", login.end);
  line.text("status", login.result == 1 ? "failed" : kWords[static_cast<size_t>(login.status)]);
  line.number("session", login.session);
  line.number("begin_serial", static_cast<int64_t>(login.begin_serial));
  line.number("login_serial", static_cast<int64_t>(login.name_serial));
  line.number("end_serial", static_cast<int64_t>(login.end_serial));
  write_(line.line());
}

}  // namespace acta::report::audit
