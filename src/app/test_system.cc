#include "app/test_system.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "base/fs.h"
#include "sys/audit/control.h"
#include "sys/privileges.h"

namespace acta {
namespace {

constexpr size_t kSmallFile = 1u << 20;
constexpr uint64_t kGoodBuffer = 32u << 20;  // socket_buffer of audit_netlink
constexpr const char* kAuditdConf = "/etc/audit/auditd.conf";
constexpr std::array kAccountingFiles = {"/var/log/account/pacct", "/var/account/pacct"};

/// Prints findings and counts those that stand in the way.
class Findings {
 public:
  void good(const std::string& text) { say("ok", text, ""); }
  void note(const std::string& text, const std::string& advice) { say("note", text, advice); }
  void problem(const std::string& text, const std::string& advice) {
    ++problems_;
    say("PROBLEM", text, advice);
  }
  [[nodiscard]] int problems() const { return problems_; }

 private:
  static void say(const char* kind, const std::string& text, const std::string& advice) {
    std::puts(fmt::format("{:<8}{}{}{}", kind, text, advice.empty() ? "" : "\n        -> ", advice).c_str());
  }
  int problems_ = 0;
};

std::string text_of(const std::string& path) {
  PosixFs fs;
  auto text = read_file(fs, path, kSmallFile);
  if (!text) return {};
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return *text;
}

// The value of `key = value` in auditd.conf.
std::string setting(const std::string& conf, const std::string& key) {
  std::istringstream lines(conf);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name, equals, value;
    if (words >> name >> equals >> value && name == key && equals == "=") return value;
  }
  return {};
}

void look_at_status(const kaudit::Status& status, Findings& out) {
  if (status.enabled == 2) {
    out.note("audit rules and settings are locked until the next boot (enabled 2)",
             "records can be read, rules cannot be loaded before then");
  } else {
    out.good(
        fmt::format("audit is {}; audit_netlink turns it on and puts it back", status.enabled == 0 ? "off" : "on"));
  }
  const bool is_free = status.pid == 0 || text_of(fmt::format("/proc/{}/comm", status.pid)).empty();
  if (is_free) {
    out.good("nobody is the audit daemon: audit_netlink with socket: auto takes its place (unicast)");
  } else {
    out.note(fmt::format("{} is the audit daemon", kaudit::process_name(status.pid)),
             "socket: auto listens beside it (multicast); or read its log with audit_log; or stop it, for unicast");
  }
  const std::string backlog =
      fmt::format("backlog {} of {}, {} records lost since boot", status.backlog, status.backlog_limit, status.lost);
  if (status.lost == 0) return out.good(backlog);
  out.note(backlog,
           "raise the backlog limit (auditctl -b 32768), or watch less; as the audit daemon the agent does so");
}

void look_at_audit(Findings& out) {
  if (text_of("/proc/cmdline").find("audit=0") != std::string::npos)
    out.problem("the kernel was started with audit=0", "take it from the boot loader's command line");
  auto control = kaudit::open_control();
  if (!control)
    return out.problem("kernel audit: " + control.error().what, "read audit.log of another host, or accounting");
  auto status = (*control)->status();
  if (!status) return out.problem("kernel audit: " + status.error().what, "run this on the host, as root");
  look_at_status(*status, out);
  if (auto rules = (*control)->rules()) {
    rules->empty() ? out.note("no audit rules are loaded: there are few events without",
                              "audit_rule_files: [/etc/actabeat/rules.d/*.rules]; see docs/rules.md")
                   : out.good(fmt::format("{} audit rules are loaded", rules->size()));
  }
}

void look_at_auditd(Findings& out) {
  const std::string conf = text_of(kAuditdConf);
  if (conf.empty())
    return out.good(fmt::format("auditd is not set up ({} is not there or cannot be read)", kAuditdConf));
  const std::string file = setting(conf, "log_file");
  if (setting(conf, "write_logs") == "no" || setting(conf, "log_format") == "NOLOG") {
    out.note("auditd writes no log", "write_logs = yes for the input audit_log; or use audit_netlink or audit_plugin");
  } else {
    out.good(fmt::format("auditd writes {} ({})", file.empty() ? "/var/log/audit/audit.log" : file,
                         setting(conf, "log_format")));
  }
  const std::string action = setting(conf, "max_log_file_action"), kept = setting(conf, "num_logs");
  if (action == "ROTATE" || action == "rotate") {
    out.note(fmt::format("auditd rotates, and keeps {} files of {} MB", kept, setting(conf, "max_log_file")),
             "a stop of the agent for longer than they last is a gap: keep more (num_logs)");
  }
}

// Whether the kernel adds a record to one of the known files when a process ends.
void look_at_accounting(Findings& out) {
  PosixFs fs;
  std::vector<uint64_t> before;
  for (const char* path : kAccountingFiles) before.push_back(fs.stat(path).value_or(FileStat{}).size);
  if (const pid_t child = ::fork(); child == 0) {
    ::_exit(0);
  } else if (child > 0) {
    ::waitpid(child, nullptr, 0);
  }
  for (size_t i = 0; i < before.size(); ++i) {
    const auto now = fs.stat(kAccountingFiles[i]);
    if (now && now->size > before[i]) return out.good(fmt::format("process accounting is on: {}", kAccountingFiles[i]));
  }
  out.note("process accounting is off, or goes to a file that is not known here",
           fmt::format("turn it on with: accton {} (package acct), and read that with the input pacct",
                       kAccountingFiles[0]));
}

void look_at_rights(Findings& out) {
  struct Right {
    int number;
    const char* name;
    const char* use;
  };
  constexpr Right kRights[] = {{CAP_AUDIT_CONTROL, "CAP_AUDIT_CONTROL", "unicast, rules and settings"},
                               {CAP_AUDIT_READ, "CAP_AUDIT_READ", "multicast"},
                               {CAP_NET_ADMIN, "CAP_NET_ADMIN", "a receive buffer beyond net.core.rmem_max"},
                               {CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", "logs that only root may read"},
                               {CAP_SYS_PACCT, "CAP_SYS_PACCT", "turning accounting on"}};
  const Capabilities have = effective_capabilities();
  for (const Right& right : kRights) {
    if ((have & capability(right.number)) != 0) continue;
    out.note(fmt::format("{} is not there, for {}", right.name, right.use),
             "run as root, by the systemd unit, or with file capabilities (docs/live.md)");
  }
  const std::string most = text_of("/proc/sys/net/core/rmem_max");
  if ((have & capability(CAP_NET_ADMIN)) == 0 && std::strtoull(most.c_str(), nullptr, 10) < kGoodBuffer)
    out.note(fmt::format("net.core.rmem_max is {}", most), fmt::format("sysctl net.core.rmem_max={}", kGoodBuffer));
}

}  // namespace

int run_test_system() {
  Findings findings;
  utsname host{};
  ::uname(&host);
  findings.good(fmt::format("kernel {} on {}", host.release, host.machine));
  look_at_audit(findings);
  look_at_auditd(findings);
  look_at_accounting(findings);
  look_at_rights(findings);
  return findings.problems() == 0 ? 0 : 1;
}

}  // namespace acta
