#pragma once
#include <mutex>
#include <string>
#include <vector>

#include "support/fake_server.h"
#include "support/server.h"

namespace acta::test {

/// A proxy in front of an Elasticsearch or OpenSearch of the tests, in plain HTTP, that keeps what searches answer and
/// may change it.
class WatchingProxy {
 public:
  explicit WatchingProxy(const Server& server);

  [[nodiscard]] std::string url() const { return fake_.url(); }
  /// Answers of searches since the last call, as they went on.
  std::vector<std::string> take_answers();
  /// The first `what` in the next answer of a search becomes `with`.
  void replace_once(const std::string& what, const std::string& with);

 private:
  void pass(const httplib::Request& request, httplib::Response& reply);

  const Server& server_;
  std::mutex mutex_;
  std::vector<std::string> answers_;
  std::string what_, with_;
  FakeServer fake_;  // last: serves as soon as it is there
};

}  // namespace acta::test
