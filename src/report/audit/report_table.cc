#include "report/audit/report_table.h"

#include <fmt/format.h>
#include <libaudit.h>

#include <algorithm>

#include "report/audit/library.h"

namespace acta::report::audit {
namespace {

// A value that the tool prints as it is: "(null)" where it has none.
Cell plain(const std::optional<std::string>& text) {
  return {text.value_or("(null)")};
}
Cell or_question(const std::optional<std::string>& text) {
  return {text.value_or("?")};
}
Cell safe_or_question(const std::optional<std::string>& text) {
  return {text.value_or("?"), true};
}
Cell login(const RowContext& row, bool safe = true) {
  return {login_word(row.event, row.words, row.found.login, row.interpret), safe};
}
Cell syscall(const RowContext& row) {
  return {syscall_word(row.found, row.words, row.interpret)};
}
Cell success(const RowContext& row) {
  return {std::string(success_word(row.found.success))};
}
Cell serial(const RowContext& row) {
  return {std::to_string(row.event.serial)};
}
Cell type(const RowContext& row) {
  return {type_word(row.event.type())};
}

using Cells = std::vector<Cell>;

void config_cells(const RowContext& row, Cells& cells) {
  cells = {type(row), login(row, false), success(row), serial(row)};
}
void auth_cells(const RowContext& row, Cells& cells) {
  const Cell who = row.found.account ? Cell{*row.found.account, true}
                                     : Cell{login_word(row.event, row.words, row.found.user, row.interpret), true};
  cells = {who, plain(row.found.host), plain(row.found.terminal), plain(row.found.exe), success(row), serial(row)};
}
void login_cells(const RowContext& row, Cells& cells) {
  const bool failed = row.found.success == Extracted::kFailed && row.found.account;
  const Cell who = failed ? Cell{*row.found.account, true} : login(row);
  cells = {who, plain(row.found.host), plain(row.found.terminal), plain(row.found.exe), success(row), serial(row)};
}
void account_cells(const RowContext& row, Cells& cells) {
  const Extracted& found = row.found;
  cells = {login(row),
           or_question(found.host),
           or_question(found.terminal),
           or_question(found.exe),
           or_question(found.account),
           success(row),
           serial(row)};
}
void event_cells(const RowContext& row, Cells& cells) {
  cells = {serial(row), type(row), login(row), success(row)};
}
void file_cells(const RowContext& row, Cells& cells) {
  const auto& files = row.found.files;
  auto file = files.begin();
  if (files.size() > 1)
    file = std::ranges::find_if_not(files, [](const auto& one) { return one.nametype == "PARENT"; });
  cells = {{file == files.end() ? "" : file->name, true},
           syscall(row),
           success(row),
           safe_or_question(row.found.exe),
           login(row),
           serial(row)};
}
void host_cells(const RowContext& row, Cells& cells) {
  cells = {plain(row.found.host), syscall(row), login(row), serial(row)};
}
void pid_cells(const RowContext& row, Cells& cells) {
  cells = {{std::to_string(row.found.pid)}, safe_or_question(row.found.exe), syscall(row), login(row), serial(row)};
}
void syscall_cells(const RowContext& row, Cells& cells) {
  cells = {syscall(row), {std::to_string(row.found.pid)}, safe_or_question(row.found.command), login(row), serial(row)};
}
void terminal_cells(const RowContext& row, Cells& cells) {
  cells = {plain(row.found.terminal),
           plain(row.found.host),
           {row.found.exe.value_or("(null)"), true},
           login(row),
           serial(row)};
}
void user_cells(const RowContext& row, Cells& cells) {
  cells = {login(row), or_question(row.found.terminal), or_question(row.found.host), safe_or_question(row.found.exe),
           serial(row)};
}
void exe_cells(const RowContext& row, Cells& cells) {
  cells = {safe_or_question(row.found.exe), or_question(row.found.terminal), or_question(row.found.host), login(row),
           serial(row)};
}
void command_cells(const RowContext& row, Cells& cells) {
  cells = {safe_or_question(row.found.command), or_question(row.found.terminal), or_question(row.found.host),
           login(row), serial(row)};
}
void anomaly_cells(const RowContext& row, Cells& cells) {
  const auto& program = row.found.exe ? row.found.exe : row.found.command;
  cells = {
      type(row),  safe_or_question(program), or_question(row.found.terminal), or_question(row.found.host), login(row),
      serial(row)};
}
void type_cells(const RowContext& row, Cells& cells) {
  cells = {type(row), success(row), serial(row)};
}
void mac_cells(const RowContext& row, Cells& cells) {
  cells = {login(row, false), type(row), success(row), serial(row)};
}
void crypto_cells(const RowContext& row, Cells& cells) {
  cells = {login(row), type(row), success(row), serial(row)};
}
void key_cells(const RowContext& row, Cells& cells) {
  cells = {{row.found.keys.front()}, success(row), safe_or_question(row.found.exe), login(row), serial(row)};
}
void keystroke_cells(const RowContext& row, Cells& cells) {
  std::string_view data = row.event.records.front().message;
  const size_t at = data.find("data=");
  data.remove_prefix(at == std::string_view::npos ? data.size() : at + 5);
  data = data.substr(0, data.rfind(' '));
  cells = {serial(row),
           login(row),
           or_question(row.found.terminal),
           {std::to_string(row.found.session)},
           safe_or_question(row.found.command),
           {keystrokes(data)}};
}

// Which events have a row.
bool is_access(const AuditEvent& event, const Extracted&) {
  return event.has(AUDIT_AVC) || event.has(AUDIT_USER_AVC);
}
bool is_mac(const AuditEvent& event, const Extracted&) {
  return event.has(kMacFirst, kMacLast) || event.has(AUDIT_FIRST_USER_LSPP_MSG, AUDIT_LAST_USER_LSPP_MSG);
}
bool is_integrity(const AuditEvent& event, const Extracted&) {
  return event.has(AUDIT_INTEGRITY_FIRST_MSG, AUDIT_INTEGRITY_LAST_MSG);
}
bool is_virtual(const AuditEvent& event, const Extracted&) {
  return event.has(AUDIT_FIRST_VIRT_MSG, AUDIT_LAST_VIRT_MSG);
}
bool is_config(const AuditEvent& event, const Extracted&) {
  return changes_configuration(event);
}
bool is_auth(const AuditEvent& event, const Extracted& found) {
  return event.has(AUDIT_USER_AUTH) || (event.has(AUDIT_USER_MGMT) && found.success == Extracted::kFailed);
}
bool is_login(const AuditEvent& event, const Extracted&) {
  return event.has(AUDIT_USER_LOGIN);
}
bool is_account(const AuditEvent& event, const Extracted&) {
  return changes_accounts(event);
}
bool any(const AuditEvent&, const Extracted&) {
  return true;
}
bool is_known_type(const AuditEvent& event, const Extracted&) {
  return event.type() != -1;
}
bool has_files(const AuditEvent&, const Extracted& found) {
  return found.has_files;
}
bool has_host(const AuditEvent&, const Extracted& found) {
  return found.host.has_value();
}
bool has_pid(const AuditEvent&, const Extracted& found) {
  return static_cast<int32_t>(found.pid) >= 0;
}
bool has_any_pid(const AuditEvent&, const Extracted& found) {
  return found.pid != Extracted::kUnset;
}
bool has_syscall(const AuditEvent&, const Extracted& found) {
  return found.syscall != 0;
}
bool has_positive_syscall(const AuditEvent&, const Extracted& found) {
  return found.syscall > 0;
}
bool has_terminal(const AuditEvent&, const Extracted& found) {
  return found.terminal.has_value();
}
bool has_user(const AuditEvent&, const Extracted& found) {
  return found.user != Extracted::kUnset;
}
bool has_login(const AuditEvent&, const Extracted& found) {
  return found.login != Extracted::kNoLogin;
}
bool has_exe(const AuditEvent&, const Extracted& found) {
  return found.exe.has_value();
}
bool has_command(const AuditEvent&, const Extracted& found) {
  return found.command.has_value();
}
bool is_anomaly(const AuditEvent& event, const Extracted&) {
  return event.has(AUDIT_FIRST_ANOM_MSG, AUDIT_LAST_ANOM_MSG) ||
         event.has(AUDIT_FIRST_KERN_ANOM_MSG, AUDIT_LAST_KERN_ANOM_MSG) || event.has(AUDIT_SECCOMP);
}
bool is_response(const AuditEvent& event, const Extracted&) {
  return event.has(AUDIT_FIRST_ANOM_RESP, AUDIT_LAST_ANOM_RESP);
}
bool is_crypto(const AuditEvent& event, const Extracted&) {
  return event.has(AUDIT_FIRST_KERN_CRYPTO_MSG, AUDIT_LAST_KERN_CRYPTO_MSG) ||
         event.has(AUDIT_FIRST_CRYPTO_MSG, AUDIT_LAST_CRYPTO_MSG);
}
bool has_key(const AuditEvent&, const Extracted& found) {
  return !found.keys.empty() && found.keys.front() != "(null)";
}
bool has_any_key(const AuditEvent&, const Extracted& found) {
  return found.has_keys;
}
bool is_keystrokes(const AuditEvent& event, const Extracted&) {
  return (event.type() == AUDIT_TTY || event.type() == AUDIT_USER_TTY) &&
         event.records.front().message.find("data=") != std::string_view::npos;
}

// What summaries of texts count.
using Values = std::vector<std::string>;

void object_values(const RowContext& row, Values& values) {
  bool begun = false;
  for (const AccessVector& one : row.found.access) {
    begun = begun || one.result != AccessVector::Result::unset;
    if (begun && one.result != AccessVector::Result::unset && one.object) values.push_back(*one.object);
  }
}
void auth_values(const RowContext& row, Values& values) {
  if (row.found.login == Extracted::kNoLogin && row.found.account) {
    values.push_back(*row.found.account);
  } else {
    values.push_back(login_word(row.event, row.words, row.found.login, row.interpret));
  }
}
void login_values(const RowContext& row, Values& values) {
  if (static_cast<int32_t>(row.found.login) < 0 && row.found.account) {
    values.push_back(*row.found.account);
  } else {
    values.push_back(login_word(row.event, row.words, row.found.login, row.interpret));
  }
}
void file_values(const RowContext& row, Values& values) {
  for (const NamedFile& file : row.found.files) values.push_back(file.name);
}
void host_values(const RowContext& row, Values& values) {
  values.push_back(*row.found.host);
}
void syscall_values(const RowContext& row, Values& values) {
  values.push_back(syscall_word(row.found, row.words, row.interpret).substr(0, 31));  // the tool's room for it
}
void terminal_values(const RowContext& row, Values& values) {
  values.push_back(*row.found.terminal);
}
void user_values(const RowContext& row, Values& values) {
  values.push_back(login_word(row.event, row.words, row.found.login, row.interpret).substr(0, 31));
}
void exe_values(const RowContext& row, Values& values) {
  values.push_back(*row.found.exe);
}
void command_values(const RowContext& row, Values& values) {
  values.push_back(*row.found.command);
}
void key_values(const RowContext& row, Values& values) {
  for (const std::string& key : row.found.keys) {
    if (key != "(null)") values.push_back(key);
  }
}

constexpr uint32_t kProgram = kNeedTerminal | kNeedHost | kNeedExe | kNeedLogin;

const ReportKind kKinds[] = {
    {.options = {},
     .name = "summary",
     .summary_title = "Summary Report\n======================\n",
     .needs = kNeedFiles | kProgram | kNeedCommand | kNeedKeys,
     .summary = Summary::figures,
     .takes = any},
    {.options = {"-a", "--avc"},
     .name = "avc",
     .title = "AVC Report\n===============================================================\n"
              "# date time comm subj syscall class permission obj result event\n"
              "===============================================================\n",
     .columns = "comm subj syscall class permission obj result event",
     .summary_title = "Avc Object Summary Report\n=================================\ntotal  obj\n"
                      "=================================\n",
     .needs = kNeedCommand | kNeedSubject | kNeedObject,
     .summary_needs = kNeedObject,
     .summary = Summary::texts,
     .takes = is_access,
     .values = object_values},
    {.options = {"-au", "--auth"},
     .name = "auth",
     .title = "Authentication Report\n============================================\n"
              "# date time acct host term exe success event\n============================================\n",
     .columns = "acct hostname term exe success event",
     .summary_title = "Authentication Summary Report\n=============================\ntotal  acct\n"
                      "=============================\n",
     .needs = kNeedExe | kNeedHost | kNeedTerminal | kNeedUser,
     .summary_needs = kNeedAccount,
     .summary = Summary::users,
     .takes = is_auth,
     .cells = auth_cells,
     .values = auth_values},
    {.options = {"-c", "--config"},
     .name = "config",
     .title = "Config Change Report\n===================================\n# date time type auid success event\n"
              "===================================\n",
     .columns = "type auid success event",
     .summary_title = "Config Change Summary Report\n============================\ntotal  type\n"
                      "============================\n",
     .needs = kNeedLogin,
     .summary = Summary::types,
     .takes = is_config,
     .cells = config_cells},
    {.options = {"--comm"},
     .name = "comm",
     .title = "Command Report\n====================================\n# date time comm term host auid event\n"
              "=====================================\n",
     .columns = "comm term hostname auid event",
     .summary_title = "Command Summary Report\n=================================\ntotal  command\n"
                      "=================================\n",
     .needs = kNeedTerminal | kNeedHost | kNeedCommand | kNeedLogin,
     .summary_needs = kNeedCommand,
     .summary = Summary::files,
     .takes = has_command,
     .cells = command_cells,
     .values = command_values},
    {.options = {"-cr", "--crypto"},
     .name = "crypto",
     .title = "Crypto Report\n===================================\n# date time auid type success event\n"
              "===================================\n",
     .columns = "auid type success event",
     .summary_title = "Crypto Summary Report\n=====================\ntotal  type\n=====================\n",
     .needs = kNeedLogin,
     .summary = Summary::types,
     .takes = is_crypto,
     .cells = crypto_cells},
    {.options = {"-e", "--event"},
     .name = "event",
     .title = "Event Report\n===================================\n# date time event type auid success\n"
              "===================================\n",
     .columns = "event type auid success",
     .summary_title = "Event Summary Report\n======================\ntotal  type\n======================\n",
     .needs = kNeedLogin,
     .summary = Summary::types,
     .takes = any,
     .counts = is_known_type,
     .cells = event_cells},
    {.options = {"-f", "--file"},
     .name = "file",
     .title = "File Report\n===============================================\n"
              "# date time file syscall success exe auid event\n===============================================\n",
     .columns = "file syscall success exe auid event",
     .summary_title = "File Summary Report\n===========================\ntotal  file\n===========================\n",
     .needs = kNeedFiles | kNeedExe | kNeedLogin,
     .summary_needs = kNeedFiles,
     .summary = Summary::files,
     .takes = has_files,
     .cells = file_cells,
     .values = file_values},
    {.options = {"-h"},
     .name = "host",
     .title = "Host Report\n===================================\n# date time host syscall auid event\n"
              "===================================\n",
     .columns = "hostname syscall auid event",
     .summary_title = "Host Summary Report\n===========================\ntotal  host\n===========================\n",
     .needs = kNeedHost | kNeedLogin,
     .summary_needs = kNeedHost,
     .summary = Summary::texts,
     .takes = has_host,
     .cells = host_cells,
     .values = host_values},
    {.options = {"--integrity"},
     .name = "integrity",
     .title = "Integrity Report\n==============================\n# date time type success event\n"
              "==============================\n",
     .columns = "type success event",
     .summary_title = "Integrity Summary Report\n========================\ntotal  type\n========================\n",
     .needs = kNeedLogin,
     .summary = Summary::types,
     .takes = is_integrity,
     .cells = type_cells},
    {.options = {"-k", "--key"},
     .name = "key",
     .title = "Key Report\n===============================================\n# date time key success exe auid event\n"
              "===============================================\n",
     .columns = "key success exe auid event",
     .summary_title = "Key Summary Report\n===========================\ntotal  key\n===========================\n",
     .needs = kNeedExe | kNeedKeys | kNeedLogin,
     .summary_needs = kNeedKeys,
     .summary = Summary::files,
     .takes = has_key,
     .counts = has_any_key,
     .cells = key_cells,
     .values = key_values},
    {.options = {"-l", "--login"},
     .name = "login",
     .title = "Login Report\n============================================\n"
              "# date time auid host term exe success event\n============================================\n",
     .columns = "auid hostname term exe success event",
     .summary_title = "Login Summary Report\n============================\ntotal  auid\n"
                      "============================\n",
     .needs = kProgram,
     .summary_needs = kNeedLogin | kNeedAccount,
     .summary = Summary::users,
     .takes = is_login,
     .cells = login_cells,
     .values = login_values},
    {.options = {"-m", "--mods"},
     .name = "mods",
     .title = "Account Modifications Report\n=================================================\n"
              "# date time auid addr term exe acct success event\n"
              "=================================================\n",
     .columns = "auid addr term exe acct success event",
     .summary_title = "Acct Modification Summary Report\n================================\ntotal  type\n"
                      "================================\n",
     .needs = kProgram,
     .summary = Summary::types,
     .takes = is_account,
     .cells = account_cells},
    {.options = {"-ma", "--mac"},
     .name = "mac",
     .title = "MAC Report\n===================================\n# date time auid type success event\n"
              "===================================\n",
     .columns = "auid type success event",
     .summary_title = "MAC Summary Report\n==================\ntotal  type\n==================\n",
     .needs = kNeedLogin,
     .summary = Summary::types,
     .takes = is_mac,
     .cells = mac_cells},
    {.options = {"-n", "--anomaly"},
     .name = "anomaly",
     .title = "Anomaly Report\n=========================================\n"
              "# date time type exe term host auid event\n=========================================\n",
     .columns = "type exe term hostname auid event",
     .summary_title = "Anomaly Summary Report\n======================\ntotal  type\n======================\n",
     .needs = kProgram | kNeedCommand,
     .summary = Summary::types,
     .takes = is_anomaly,
     .cells = anomaly_cells},
    {.options = {"-p", "--pid"},
     .name = "pid",
     .title = "Process ID Report\n======================================\n# date time pid exe syscall auid event\n"
              "======================================\n",
     .columns = "pid exe syscall auid event",
     .summary_title = "Pid Summary Report\n==========================\ntotal  pid\n==========================\n",
     .needs = kNeedExe | kNeedLogin,
     .summary_needs = kNeedPid,
     .summary = Summary::numbers,
     .takes = has_pid,
     .counts = has_any_pid,
     .cells = pid_cells},
    {.options = {"-r", "--response"},
     .name = "response",
     .title = "Response to Anomaly Report\n==============================\n# date time type success event\n"
              "==============================\n",
     .columns = "type success event",
     .summary_title = "Anomaly Response Summary Report\n===============================\ntotal  type\n"
                      "===============================\n",
     .summary = Summary::types,
     .takes = is_response,
     .cells = type_cells},
    {.options = {"-s", "--syscall"},
     .name = "syscall",
     .title = "Syscall Report\n=======================================\n"
              "# date time syscall pid comm auid event\n=======================================\n",
     .columns = "syscall pid comm auid event",
     .summary_title = "Syscall Summary Report\n==========================\ntotal  syscall\n"
                      "==========================\n",
     .needs = kNeedCommand | kNeedLogin,
     .summary_needs = kNeedCall,
     .summary = Summary::files,
     .takes = has_syscall,
     .counts = has_positive_syscall,
     .cells = syscall_cells,
     .values = syscall_values},
    {.options = {"-t", "--log"},
     .name = "log",
     .title = "Log Time Range Report\n=====================\n",
     .takes = any},
    {.options = {"-tm", "--terminal"},
     .name = "terminal",
     .title = "Terminal Report\n====================================\n# date time term host exe auid event\n"
              "====================================\n",
     .columns = "term hostname exe auid event",
     .summary_title = "Terminal Summary Report\n===============================\ntotal  terminal\n"
                      "===============================\n",
     .needs = kProgram,
     .summary_needs = kNeedTerminal,
     .summary = Summary::texts,
     .takes = has_terminal,
     .cells = terminal_cells,
     .values = terminal_values},
    {.options = {"--tty"},
     .name = "tty",
     .title = "TTY Report\n===============================================\n"
              "# date time event auid term sess comm data\n===============================================\n",
     .columns = "event auid term sess comm data",
     .needs = kNeedSession | kNeedLogin | kNeedTerminal | kNeedCommand,
     .takes = is_keystrokes,
     .cells = keystroke_cells},
    {.options = {"-u", "--user"},
     .name = "user",
     .title = "User ID Report\n====================================\n# date time auid term host exe event\n"
              "====================================\n",
     .columns = "auid term hostname exe event",
     .summary_title = "User Summary Report\n===========================\ntotal  auid\n===========================\n",
     .needs = kProgram | kNeedUser,
     .summary_needs = kNeedLogin,
     .summary = Summary::users,
     .takes = has_user,
     .counts = has_login,
     .cells = user_cells,
     .values = user_values},
    {.options = {"--virt"},
     .name = "virt",
     .title = "Virtualization Report\n==============================\n# date time type success event\n"
              "==============================\n",
     .columns = "type success event",
     .summary_title = "Virtualization Summary Report\n=============================\ntotal  type\n"
                      "=============================\n",
     .summary = Summary::types,
     .takes = is_virtual,
     .cells = type_cells},
    {.options = {"-x", "--executable"},
     .name = "executable",
     .title = "Executable Report\n====================================\n# date time exe term host auid event\n"
              "====================================\n",
     .columns = "exe term hostname auid event",
     .summary_title = "Executable Summary Report\n=================================\ntotal  file\n"
                      "=================================\n",
     .needs = kProgram,
     .summary_needs = kNeedExe,
     .summary = Summary::files,
     .takes = has_exe,
     .cells = exe_cells,
     .values = exe_values},
};

}  // namespace

std::span<const ReportKind> report_kinds() {
  return kKinds;
}

bool changes_configuration(const AuditEvent& event) {
  constexpr int kTypes[] = {AUDIT_CONFIG_CHANGE, AUDIT_DAEMON_CONFIG,  AUDIT_USYS_CONFIG,
                            AUDIT_NETFILTER_CFG, AUDIT_FEATURE_CHANGE, AUDIT_USER_MAC_CONFIG_CHANGE};
  return std::ranges::any_of(kTypes, [&](int one) { return event.has(one); }) || event.has(kMacFirst, kMacLast);
}

bool changes_accounts(const AuditEvent& event) {
  return event.has(AUDIT_USER_CHAUTHTOK) || event.has(AUDIT_ADD_USER, AUDIT_DEL_GROUP) || event.has(AUDIT_USER_MGMT) ||
         event.has(AUDIT_GRP_MGMT) || event.has(AUDIT_ROLE_ASSIGN, AUDIT_ROLE_REMOVE);
}

void access_rows(const RowContext& row, std::vector<std::vector<Cell>>& rows) {
  for (const AccessVector& one : row.found.access) {
    if (one.result == AccessVector::Result::unset) continue;
    const char* const result = one.result == AccessVector::Result::denied ? "denied" : "granted";
    rows.push_back({safe_or_question(row.found.command),
                    plain(one.subject),
                    syscall(row),
                    plain(one.object_class),
                    plain(one.permission),
                    plain(one.object),
                    {result},
                    serial(row)});
  }
}

}  // namespace acta::report::audit
