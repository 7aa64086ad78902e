#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "outputs/output.h"
#include "sim/ledger.h"
#include "support/fake_clock.h"
#include "support/random.h"

namespace acta::sim {

/// A destination outside the host: what came there stays over all crashes of the agent and the host. It refuses,
/// answers late, twice, in part or never, rejects some documents for ever, and finds some sends too large.
class Destination {
 public:
  Destination(std::string name, test::FakeClock& clock, test::Random& random, Ledger& ledger)
      : name_(std::move(name)), clock_(clock), random_(random), ledger_(ledger) {}

  /// A new life of the agent, whose runner has one lane, or several.
  void begin_life(bool one_lane);
  /// The agent's side of it for one lane. `cut_off` is true when the agent is dead and does not know yet:
  /// nothing reaches the destination any more.
  std::unique_ptr<Output> connection(std::function<bool()> cut_off);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::set<std::string>& ids() const { return ids_; }
  /// Documents that it has told the agent of this life to have taken.
  [[nodiscard]] uint64_t acknowledged() const { return acknowledged_; }
  /// What a reader of the queue gave out in this life, in order: with one lane first tries come in this order.
  void read(const std::string& id) { order_.push_back(id); }

  size_t trouble = 0;        ///< per cent of the attempts
  size_t documents_max = 0;  ///< of one send; more is too large. 0: any number
  bool rejects = false;      ///< one document in some never can be taken

 private:
  class Connection;
  Attempt attempt(const std::vector<Doc>& docs, Nanos deadline);
  void take(const Doc& doc);
  void check_order(const std::vector<Doc>& docs);
  [[nodiscard]] bool never_takes(const std::string& id) const;

  std::string name_;
  test::FakeClock& clock_;
  test::Random& random_;
  Ledger& ledger_;
  std::set<std::string> ids_;
  uint64_t acknowledged_ = 0;
  bool one_lane_ = true;
  std::vector<std::string> order_;
  std::vector<std::string> tried_;  // the first of order_
};

}  // namespace acta::sim
