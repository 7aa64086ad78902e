#include "support/fake_audit.h"

#include <linux/netlink.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>

#include "sys/audit/rule_set.h"

namespace acta::test {
namespace {
constexpr size_t kAtOnce = 16;
}

std::string netlink_message(uint16_t type, const std::string& data, bool header_in_length) {
  const nlmsghdr header{.nlmsg_len = static_cast<uint32_t>(data.size() + (header_in_length ? sizeof(nlmsghdr) : 0)),
                        .nlmsg_type = type,
                        .nlmsg_flags = 0,
                        .nlmsg_seq = 0,
                        .nlmsg_pid = 0};
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) + data;
}

Result<kaudit::Status> FakeControl::status() {
  const std::lock_guard lock(kernel_.mutex);
  if (kernel_.refuse != 0) return kaudit::refused("reading the audit status", kernel_.refuse);
  return kernel_.status;
}

Result<> FakeControl::set(const kaudit::Change& change) {
  const std::lock_guard lock(kernel_.mutex);
  if (kernel_.refuse != 0) return kaudit::refused("changing the audit settings", kernel_.refuse);
  kaudit::Status& now = kernel_.status;
  if ((change.mask & kaudit::Change::kEnabled) != 0) now.enabled = change.to.enabled;
  if ((change.mask & kaudit::Change::kFailure) != 0) now.failure = change.to.failure;
  if ((change.mask & kaudit::Change::kRateLimit) != 0) now.rate_limit = change.to.rate_limit;
  if ((change.mask & kaudit::Change::kBacklogLimit) != 0) now.backlog_limit = change.to.backlog_limit;
  if ((change.mask & kaudit::Change::kWaitTime) != 0) now.wait_time = change.to.wait_time;
  kernel_.calls.push_back("set " + std::to_string(change.mask));
  return {};
}

Result<std::vector<kaudit::RuleBytes>> FakeControl::rules() {
  const std::lock_guard lock(kernel_.mutex);
  return kernel_.rules;
}

Result<> FakeControl::add_rule(const kaudit::RuleBytes& rule) {
  const std::lock_guard lock(kernel_.mutex);
  if (kernel_.refuse != 0) return kaudit::refused("adding an audit rule", kernel_.refuse);
  for (const kaudit::RuleBytes& other : kernel_.rules) {
    if (kaudit::same_rule(other, rule)) return kaudit::refused("adding an audit rule", EEXIST);
  }
  const kaudit::RuleBytes kept = kaudit::without_prepend(rule);
  kernel_.rules.insert(kept != rule ? kernel_.rules.begin() : kernel_.rules.end(), kept);
  kernel_.calls.push_back("add " + kaudit::print_rule(rule));
  return {};
}

Result<> FakeControl::delete_rule(const kaudit::RuleBytes& rule) {
  const std::lock_guard lock(kernel_.mutex);
  const auto found =
      std::ranges::find_if(kernel_.rules, [&](const kaudit::RuleBytes& r) { return kaudit::same_rule(r, rule); });
  if (found == kernel_.rules.end()) return kaudit::refused("deleting an audit rule", ENOENT);
  kernel_.calls.push_back("delete " + kaudit::print_rule(rule));
  kernel_.rules.erase(found);
  return {};
}

FakeStream::FakeStream() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void FakeStream::record(uint16_t type, const std::string& text, uint32_t port, bool unicast) {
  datagram(netlink_message(type, text, !unicast), port);
}

void FakeStream::datagram(std::string bytes, uint32_t port) {
  const std::lock_guard lock(mutex_);
  items_.push_back({std::move(bytes), port});
}

void FakeStream::overrun() {
  const std::lock_guard lock(mutex_);
  overrun_ = true;
}

Result<kaudit::Received> FakeStream::receive() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(overrun_, false)) return kaudit::Received{.overrun = true, .full = true};
  given_.clear();
  datagrams_.clear();
  while (!items_.empty() && given_.size() < kAtOnce) {
    given_.push_back(std::move(items_.front()));
    items_.pop_front();
  }
  for (const Item& item : given_) datagrams_.push_back({.bytes = item.bytes, .port = item.port});
  return kaudit::Received{.datagrams = datagrams_, .full = given_.size() == kAtOnce};
}

}  // namespace acta::test
