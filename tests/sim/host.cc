#include "sim/host.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/acct_writer.h"
#include "support/audit_lines.h"

namespace acta::sim {
namespace {

constexpr size_t kBegunMax = 4;
constexpr size_t kPathsMax = 3;

std::string hex(std::string_view text) {
  std::string digits;
  for (const char c : text) digits += fmt::format("{:02X}", static_cast<unsigned char>(c));
  return digits;
}

void shift(test::FakeFs& disk, const std::string& path, size_t& rotated) {
  for (size_t n = rotated; n > 0; --n) disk.move(fmt::format("{}.{}", path, n), fmt::format("{}.{}", path, n + 1));
  disk.move(path, path + ".1");
  ++rotated;
}

}  // namespace

// Three events of one login, whose document has to come when it is over.
void Host::begin_login() {
  const auto millis = static_cast<uint64_t>(clock_.realtime() / kMillisecond);
  const uint64_t login = ++serial_;
  const std::string name = fmt::format("sim{}x", login);
  const std::string who = fmt::format("pid={} uid=0 auid=1000 ses={}", login, login);
  std::vector<std::string> lines;
  const auto add = [&](std::string_view type, uint64_t serial, const std::string& body) {
    lines.push_back(test::audit_line(type, millis, serial, body) + "\n");
  };
  const auto id = [&](uint64_t serial) { return fmt::format("h1:{}.{:03}:{}", millis / 1000, millis % 1000, serial); };
  add("LOGIN", login,
      fmt::format("pid={} uid=0 old-auid=4294967295 auid=1000 tty=(none) old-ses=4294967295 ses={} res=1", login,
                  login));
  add("SYSCALL", login,
      fmt::format("arch=c000003e syscall=1 success=yes exit=4 a0=5 a1=7ffc a2=4 a3=0 items=0 ppid=1 pid={} auid=1000 "
                  "uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses={} comm=\"sshd\" "
                  "exe=\"/usr/sbin/sshd\" key=(null)",
                  login, login));
  add("PROCTITLE", login, "proctitle=" + hex(name));
  ledger_.expect_event(id(login), {name});
  const uint64_t named = ++serial_;
  add("USER_LOGIN", named,
      fmt::format("{} msg='op=login id=1000 exe=\"/usr/sbin/sshd\" hostname={} addr=? terminal=/dev/{} res=success'",
                  who, name, name));
  ledger_.expect_event(id(named), {name});
  const uint64_t ended = ++serial_;
  add("USER_END", ended,
      fmt::format("{} msg='op=PAM:session_close acct=\"{}\" exe=\"/usr/sbin/sshd\" hostname=? addr=? terminal=ssh "
                  "res=success'",
                  who, name));
  ledger_.expect_event(id(ended), {name});
  ledger_.expect_event(id(login) + ":session", {"\"terminal\":\"" + name, fmt::format("\"session\":\"{}\"", login),
                                                fmt::format("\"{}\",\"{}\",\"{}\"", login, named, ended)});
  std::reverse(lines.begin(), lines.end());
  begun_.push_back({.lines = std::move(lines), .at = clock_.monotonic()});
}

void Host::begin_event() {
  if (random_.chance(10)) return begin_login();
  const auto millis = static_cast<uint64_t>(clock_.realtime() / kMillisecond);
  const uint64_t serial = ++serial_;
  const std::string name = fmt::format("sim{}x", serial);
  std::vector<std::string> lines;
  std::vector<std::string> tokens{name};
  const auto add = [&](std::string_view type, const std::string& body) {
    lines.push_back(test::audit_line(type, millis, serial, body) + "\n");
  };
  if (random_.chance(20)) {
    add("USER_LOGIN", fmt::format("pid={} uid=0 auid=0 ses=1 msg='op=login acct=\"{}\" exe=\"/usr/sbin/sshd\" "
                                  "hostname=? addr=? terminal=ssh res=success'",
                                  serial, name));
  } else {
    const size_t paths = 1 + random_.pick(kPathsMax);
    add("SYSCALL",
        fmt::format("arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=1 a2=0 a3=0 items={} ppid=1 "
                    "pid={} auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=1 "
                    "comm=\"sim\" exe=\"/bin/{}\" key=\"sim\"",
                    paths, serial, name));
    add("CWD", fmt::format("cwd=\"/home/{}\"", name));
    for (size_t i = 0; i < paths; ++i) {
      tokens.push_back(fmt::format("{}path{}", name, i));
      add("PATH", fmt::format("item={} name=\"/etc/{}\" inode={} dev=08:01 mode=0100644 ouid=0 ogid=0 rdev=00:00 "
                              "nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0",
                              i, tokens.back(), serial));
    }
    tokens.push_back(name + "title");
    add("PROCTITLE", "proctitle=" + hex(tokens.back()));
  }
  ledger_.expect_event(fmt::format("h1:{}.{:03}:{}", millis / 1000, millis % 1000, serial), std::move(tokens));
  std::reverse(lines.begin(), lines.end());
  begun_.push_back({.lines = std::move(lines), .at = clock_.monotonic()});
}

void Host::line(const std::string& text, bool may_tear) {
  disk_.grow(kAuditLog, rest_);
  rest_.clear();
  const size_t now = may_tear && random_.chance(10) ? random_.pick(text.size()) : text.size();
  disk_.grow(kAuditLog, std::string_view(text).substr(0, now));
  rest_ = text.substr(now);
  torn_at_ = clock_.monotonic();
}

void Host::audit(size_t records) {
  for (size_t i = 0; i < records; ++i) {
    if (begun_.empty() || (begun_.size() < kBegunMax && random_.chance(25))) begin_event();
    const size_t at = random_.pick(begun_.size());
    const std::string text = std::move(begun_[at].lines.back());
    begun_[at].lines.pop_back();
    if (begun_[at].lines.empty()) begun_.erase(begun_.begin() + static_cast<std::ptrdiff_t>(at));
    line(text, i + 1 == records);
  }
}

void Host::finish() {
  while (!begun_.empty()) audit(1);
  disk_.grow(kAuditLog, rest_);
  rest_.clear();
}

Nanos Host::unfinished_since() const {
  Nanos since = rest_.empty() ? INT64_MAX : torn_at_;
  for (const Begun& event : begun_) since = std::min(since, event.at);
  return since;
}

void Host::account(size_t processes) {
  for (size_t i = 0; i < processes; ++i) {
    const std::string name = fmt::format("sim{}p", ++processes_);
    ledger_.expect_process(name);
    disk_.grow(kAccounting, test::write_acct({.pid = static_cast<uint32_t>(processes_),
                                              .parent = 1,
                                              .begin = static_cast<uint32_t>(clock_.realtime() / kSecond),
                                              .name = name},
                                             3, false));
  }
}

void Host::rotate_audit() {
  disk_.grow(kAuditLog, rest_);  // a log is rotated between two lines
  rest_.clear();
  if (!disk_.content(kAuditLog).empty()) shift(disk_, kAuditLog, audit_files_);
}

void Host::rotate_accounting() {
  if (!disk_.content(kAccounting).empty()) shift(disk_, kAccounting, accounting_files_);
}

}  // namespace acta::sim
