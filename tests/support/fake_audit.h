#pragma once
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "sys/audit/control.h"
#include "sys/audit/socket.h"

namespace acta::test {

/// A kernel's audit settings and rules in memory. Any thread.
struct FakeKernel {
  std::mutex mutex;
  kaudit::Status status{.enabled = 0, .failure = 1, .backlog_limit = 64, .wait_time = 15000, .has_wait_time = true};
  std::vector<kaudit::RuleBytes> rules;
  std::vector<std::string> calls;  ///< what was asked that changes something, in order
  int refuse = 0;                  ///< errno of every request; 0: none is refused
};

/// A Control over a FakeKernel, which outlives it.
class FakeControl final : public kaudit::Control {
 public:
  explicit FakeControl(FakeKernel& kernel) : kernel_(kernel) {}
  Result<kaudit::Status> status() override;
  Result<> set(const kaudit::Change& change) override;
  Result<std::vector<kaudit::RuleBytes>> rules() override;
  Result<> add_rule(const kaudit::RuleBytes& rule) override;
  Result<> delete_rule(const kaudit::RuleBytes& rule) override;

 private:
  FakeKernel& kernel_;
};

/// Datagrams that a test puts in. Any thread.
class FakeStream final : public kaudit::FrameSource {
 public:
  FakeStream();
  /// A record as the kernel frames it: with or without the header in its length (multicast or unicast).
  void record(uint16_t type, const std::string& text, uint32_t port = 0, bool unicast = true);
  void datagram(std::string bytes, uint32_t port = 0);
  void overrun();

  [[nodiscard]] int fd() const override { return wake_.get(); }
  Result<kaudit::Received> receive() override;

 private:
  struct Item {
    std::string bytes;
    uint32_t port;
  };
  std::mutex mutex_;
  std::deque<Item> items_;
  std::vector<Item> given_;
  std::vector<kaudit::Datagram> datagrams_;
  bool overrun_ = false;
  Fd wake_;
};

/// A netlink message: header and data.
std::string netlink_message(uint16_t type, const std::string& data, bool header_in_length);

}  // namespace acta::test
