#include "sys/audit/control.h"

#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <string_view>

#include "sys/audit/socket.h"

namespace acta::kaudit {
namespace {

constexpr int kAnswerWaitMs = 5000;  // the kernel answers at once, unless it holds us for its backlog
constexpr size_t kMessageMax = 64u << 10;
constexpr size_t kRulesMax = 1u << 16;

Status read_status(std::string_view data) {
  audit_status raw{};
  std::memcpy(&raw, data.data(), std::min(data.size(), sizeof raw));
  Status status{.enabled = raw.enabled,
                .failure = raw.failure,
                .pid = raw.pid,
                .rate_limit = raw.rate_limit,
                .backlog_limit = raw.backlog_limit,
                .lost = raw.lost,
                .backlog = raw.backlog,
                .features = raw.feature_bitmap,
                .wait_time = raw.backlog_wait_time,
                .wait_actual = 0};
  status.has_wait_time = data.size() >= offsetof(audit_status, backlog_wait_time) + sizeof(uint32_t);
  constexpr size_t kWaitActualAt = offsetof(audit_status, backlog_wait_time) + sizeof(uint32_t);
  if (data.size() >= kWaitActualAt + sizeof(uint32_t)) {
    status.has_wait_actual = true;
    std::memcpy(&status.wait_actual, data.data() + kWaitActualAt, sizeof(uint32_t));
  }
  return status;
}

std::string status_bytes(const Change& change) {
  audit_status raw{};
  raw.mask = change.mask;
  raw.enabled = change.to.enabled;
  raw.failure = change.to.failure;
  raw.pid = change.to.pid;
  raw.rate_limit = change.to.rate_limit;
  raw.backlog_limit = change.to.backlog_limit;
  raw.backlog_wait_time = change.to.wait_time;
  return {reinterpret_cast<const char*>(&raw), sizeof raw};
}

class NetlinkControl final : public Control {
 public:
  explicit NetlinkControl(Fd socket) : socket_(std::move(socket)), buffer_(kMessageMax, '\0') {}

  Result<Status> status() override {
    Status status;
    bool done = false;  // the kernel answers from a thread of its own, mostly after the acknowledgement
    const auto take = [&](const nlmsghdr& header, std::string_view data) {
      if (header.nlmsg_type != AUDIT_GET) return;
      status = read_status(data);
      done = true;
    };
    if (auto asked = ask(AUDIT_GET, {}, "reading the audit status", take, &done); !asked)
      return tl::unexpected(asked.error());
    return status;
  }

  Result<> set(const Change& change) override {
    return ask(AUDIT_SET, status_bytes(change), "changing the audit settings", nullptr);
  }

  Result<std::vector<RuleBytes>> rules() override {
    std::vector<RuleBytes> rules;
    bool done = false;
    const auto take = [&](const nlmsghdr& header, std::string_view data) {
      if (header.nlmsg_type == AUDIT_LIST_RULES && rules.size() < kRulesMax) rules.emplace_back(data);
      done = done || header.nlmsg_type == NLMSG_DONE;
    };
    if (auto asked = ask(AUDIT_LIST_RULES, {}, "listing the audit rules", take, &done); !asked)
      return tl::unexpected(asked.error());
    for (RuleBytes& rule : rules) cut_to_size(rule);
    return rules;
  }

  Result<> add_rule(const RuleBytes& rule) override {
    return ask(AUDIT_ADD_RULE, rule, "adding an audit rule", nullptr);
  }
  Result<> delete_rule(const RuleBytes& rule) override {
    return ask(AUDIT_DEL_RULE, without_prepend(rule), "deleting an audit rule", nullptr);
  }

 private:
  using Take = std::function<void(const nlmsghdr&, std::string_view)>;

  // Netlink pads messages; what is past the strings is no part of a rule.
  static void cut_to_size(RuleBytes& rule) {
    audit_rule_data head{};
    if (rule.size() < sizeof head) return;
    std::memcpy(&head, rule.data(), sizeof head);
    rule.resize(std::min(rule.size(), sizeof head + head.buflen));
  }

  // Sends a request and reads until its acknowledgement has come, and `*done` where there is more to wait for.
  Result<> ask(uint16_t type, std::string_view data, const char* what, const Take& take, const bool* done = nullptr) {
    const uint32_t sequence = ++sequence_;
    if (auto sent = send_message(socket_.get(), type, sequence, data, what); !sent) return sent;
    bool acknowledged = false;
    while (!acknowledged || (done != nullptr && !*done)) {
      pollfd waited{.fd = socket_.get(), .events = POLLIN, .revents = 0};
      const int ready = ::poll(&waited, 1, kAnswerWaitMs);
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) return fail(Errc::io, fmt::format("{}: the kernel did not answer in {} ms", what, kAnswerWaitMs));
      sockaddr_nl from{};
      socklen_t from_size = sizeof from;
      const ssize_t got = ::recvfrom(socket_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT,
                                     reinterpret_cast<sockaddr*>(&from), &from_size);
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (got < 0) return fail_errno(what, errno);
      nlmsghdr header;
      if (from.nl_pid != 0 || static_cast<size_t>(got) < sizeof header) continue;  // not of the kernel
      std::memcpy(&header, buffer_.data(), sizeof header);
      if (header.nlmsg_seq != sequence) continue;  // of a request that was given up
      const std::string_view body(buffer_.data() + sizeof header, static_cast<size_t>(got) - sizeof header);
      if (header.nlmsg_type != NLMSG_ERROR) {
        if (take) take(header, body);
        continue;
      }
      int error = 0;
      if (body.size() >= sizeof error) std::memcpy(&error, body.data(), sizeof error);
      if (error != 0) return refused(what, -error);
      acknowledged = true;
    }
    return {};
  }

  Fd socket_;
  std::string buffer_;
  uint32_t sequence_ = 0;
};

}  // namespace

RuleBytes without_prepend(RuleBytes rule) {
  audit_rule_data head{};
  if (rule.size() < sizeof head) return rule;
  std::memcpy(&head, rule.data(), sizeof head);
  head.flags &= ~static_cast<uint32_t>(AUDIT_FILTER_PREPEND);
  std::memcpy(rule.data(), &head, sizeof head);
  return rule;
}

tl::unexpected<Error> refused(const std::string& what, int error) {
  const auto with = [&](std::string_view way_out) {
    Error refusal = fail_errno(what, error).value();
    refusal.what += fmt::format("; {}", way_out);
    return tl::unexpected<Error>(std::move(refusal));
  };
  switch (error) {
    case EPERM:
      return with(
          "it needs CAP_AUDIT_CONTROL in the host's user and pid namespace, and rules that are not locked "
          "(enabled 2 holds until the next boot): run it on the host, as root or with that capability");
    case ECONNREFUSED:
      return with("the kernel takes no audit requests from this namespace: run it on the host, not in a container");
    case EPROTONOSUPPORT:
    case EAFNOSUPPORT:
      return with("this kernel has no audit (CONFIG_AUDIT): use another kernel, or another input");
    case EEXIST:
    case EACCES:
      return with("another process is the audit daemon");
    case ENOENT:
      return with("what it names is not there (the folder of a watched path must be)");
    default:
      return with("see auditctl(8)");
  }
}

std::string process_name(uint32_t pid) {
  std::ifstream file(fmt::format("/proc/{}/comm", pid));
  std::string name;
  std::getline(file, name);
  return name.empty() ? fmt::format("pid {}", pid) : fmt::format("pid {} ({})", pid, name);
}

Result<std::unique_ptr<Control>> open_control() {
  auto socket = open_audit_socket();
  if (!socket) return tl::unexpected(socket.error());
  return std::make_unique<NetlinkControl>(std::move(*socket));
}

}  // namespace acta::kaudit
