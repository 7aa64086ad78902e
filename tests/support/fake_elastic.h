#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "support/fake_server.h"

namespace acta::test {

/// As much of Elasticsearch as the output uses: `create` into data streams with rollover, where an id is unique within
/// one backing index only, and a search that sees what was refreshed. Any thread.
class FakeElastic {
 public:
  /// May answer a bulk request in place of the server; false: the server does. Called with the items it would answer.
  using Hook = std::function<bool(const httplib::Request&, httplib::Response&)>;

  FakeElastic();

  [[nodiscard]] std::string url() const { return server_.url(); }
  [[nodiscard]] FakeServer& http() { return server_; }

  /// What `GET /` says from now on; Elasticsearch 9.5.3 before.
  void says_it_is(const std::string& distribution, const std::string& version);
  void rollover(const std::string& stream);
  /// How often an id is in the stream, over all backing indices.
  [[nodiscard]] std::map<std::string, int> ids(const std::string& stream) const;
  [[nodiscard]] std::vector<std::string> streams() const;
  [[nodiscard]] size_t documents() const;  ///< over all streams, those that are twice in them counted twice

  /// X-Opaque-Id of a bulk request that the server is at work on.
  void at_work(const std::string& name);
  /// Before the documents are taken: in place of taking them.
  void before_bulk(Hook hook);
  /// After they are taken: in place of the right answer.
  void after_bulk(Hook hook);
  /// In place of the answer to a search or a refresh.
  void before_search(Hook hook);

  [[nodiscard]] size_t bulks() const { return bulks_.load(); }
  [[nodiscard]] size_t searches() const { return searches_.load(); }
  [[nodiscard]] std::string last_bulk() const;  ///< its body, plain
  [[nodiscard]] std::string last_target() const;
  [[nodiscard]] std::string last_encoding() const;

 private:
  struct Index {
    std::set<std::string> ids, searchable;
  };
  void answer(const httplib::Request& request, httplib::Response& response);
  void bulk(const httplib::Request& request, httplib::Response& response);
  void search(const httplib::Request& request, httplib::Response& response);
  void refresh(const httplib::Request& request, httplib::Response& response);
  std::string create(const std::string& action, const std::string& document);

  mutable std::mutex mutex_;
  std::map<std::string, std::vector<Index>> streams_;
  Hook before_bulk_, after_bulk_, before_search_;
  std::string last_bulk_, last_target_, last_encoding_, at_work_;
  std::string version_ = R"({"number":"9.5.3"})";
  std::atomic<size_t> bulks_{0}, searches_{0};
  FakeServer server_;  // last: answers as soon as it is there
};

}  // namespace acta::test
