#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace acta::sim {

/// What was written to the host's ledgers and so has to arrive, and what is found to be wrong with what does.
class Ledger {
 public:
  /// An event that exists: its document has the id `id`, and each of the `tokens`, words that are in no other event.
  void expect_event(const std::string& id, std::vector<std::string> tokens) { events_[id] = std::move(tokens); }
  /// A process that ended: its document is known by its name, a word that no other process has.
  void expect_process(const std::string& name) { processes_.insert(name); }

  /// A document has come to a destination, for whatever time: it is one of the expected, whole, and the same as before
  /// but for the time of reading and the agent's start.
  void arrived(const std::string& id, std::string_view json);
  /// Says what of all that is expected is not in `ids`.
  void check_complete(const std::set<std::string>& ids, const std::string& where);

  void problem(std::string what);
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }
  [[nodiscard]] size_t expected() const { return events_.size() + processes_.size(); }

 private:
  std::map<std::string, std::vector<std::string>> events_;
  std::set<std::string> processes_;
  std::map<std::string, std::string> content_;  // by id
  std::map<std::string, std::string> ids_;      // of processes, by name
  std::vector<std::string> problems_;
};

}  // namespace acta::sim
