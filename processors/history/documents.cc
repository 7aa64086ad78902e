#include "processors/history/documents.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <string>
#include <string_view>

namespace acta::history {
namespace {

using enum FieldId;

bool is_address(const std::string& text) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, text.c_str(), bytes) == 1 || inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

// "3 d 04:05:06"
std::string length_text(int64_t nanos) {
  const int64_t seconds = nanos / kSecond;
  const std::string time = fmt::format("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
  return seconds < 86400 ? time : fmt::format("{} d {}", seconds / 86400, time);
}

struct Span {
  std::string_view id, node;
  int64_t start, end;
  std::string_view how, dataset, action;
};

void write_head(const Span& span, const Event& cause, Event& out) {
  out.clear();
  out.set_constant(cause.constant());
  out.set_time(kTimestamp, span.end);
  if (const Value* read = cause.find(kEventCreated)) out.set_time(kEventCreated, read->integer());
  out.set_time(kEventStart, span.start);
  out.set_time(kEventEnd, span.end);
  out.set(kEventDuration, span.end - span.start);
  out.set_view(kEventKind, "event");
  out.add_view(kEventType, "end");
  out.set_view(kEventModule, "actabeat");
  out.set_view(kEventDataset, span.dataset);
  out.set_view(kEventAction, span.action);
  out.set(kEventReason, span.how);
  out.set(kEventId, fmt::format("{}:{}", span.id, span.dataset.substr(span.dataset.find('.') + 1)));
  if (!span.node.empty()) out.set(kAuditdNode, span.node);
}

void write_user(const std::string& name, int64_t uid, Event& out) {
  if (uid >= 0) out.set(kUserId, std::to_string(uid));
  if (name.empty()) return;
  out.set(kUserName, name);
  out.add_unique(kRelatedUser, name);
}

void write_source(const std::string& host, Event& out) {
  if (host.empty()) return;
  out.set(kSourceAddress, host);
  if (is_address(host)) {
    out.set(kSourceIp, host);
    out.add(kRelatedIp, host);
  } else {
    out.set(kSourceDomain, host);
    out.add(kRelatedHosts, host);
  }
}

}  // namespace

void write_login(const Login& login, const Event& cause, Event& out) {
  const std::string_view action = login.is_boot ? "ended-boot" : "ended-login";
  write_head({login.id, login.node, login.start, login.end, login.how, "actabeat.session", action}, cause, out);
  out.add_view(kEventCategory, login.is_boot ? "host" : "session");
  out.set_view(kActabeatSessionKind, login.is_boot ? "boot" : "login");
  for (const std::string& serial : login.serials) out.add(kActabeatSessionSequences, serial);
  const std::string length = length_text(login.end - login.start);
  if (login.is_boot) {
    if (!login.kernel.empty()) out.set(kActabeatSessionKernel, login.kernel);
    out.set(kMessage, fmt::format("The system was up for {}: {}", length, login.how));
    return;
  }
  out.set(kAuditdSession, std::to_string(login.session));
  out.set(kProcessPid, login.pid);
  write_user(login.user, login.uid, out);
  write_source(login.host, out);
  if (!login.terminal.empty()) out.set(kActabeatSessionTerminal, login.terminal);
  if (!login.program.empty()) out.set(kProcessExecutable, login.program);
  out.set(kMessage, fmt::format("{} was logged in on {} from {} for {}: {}", login.user, login.terminal,
                                login.host.empty() ? "this host" : login.host, length, login.how));
}

void write_guest(const GuestRun& run, const Event& cause, Event& out) {
  write_head({run.id, run.node, run.start, run.end, run.how, "actabeat.machine", "ended-machine"}, cause, out);
  out.add_view(kEventCategory, "host");
  out.set_view(kEventOutcome, run.started ? "success" : "failure");
  out.set(kActabeatMachineName, run.name);
  out.set(kActabeatMachineUuid, run.uuid);
  if (!run.hypervisor.empty()) out.set(kActabeatMachineHypervisor, run.hypervisor);
  if (run.pid > 0) out.set(kActabeatMachinePid, run.pid);
  for (const std::string& resource : run.resources) out.add(kActabeatMachineResources, resource);
  for (const std::string& serial : run.serials) out.add(kActabeatMachineSequences, serial);
  write_user(run.user, run.uid, out);
  out.set(kMessage,
          fmt::format("The virtual machine {} ran for {}: {}", run.name, length_text(run.end - run.start), run.how));
}

}  // namespace acta::history
