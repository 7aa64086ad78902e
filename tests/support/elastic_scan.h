#pragma once
#include <map>
#include <string>

#include "client/elastic_client.h"
#include "support/server.h"

namespace acta::test {

/// The settings of an output (or client) for this server, with all rights, as text.
std::map<std::string, std::string> elastic_settings_of(const Server& server);
/// The same as lines of `output.elasticsearch`.
std::string elastic_yaml_of(const Server& server, const std::string& address = {});

/// A client with all rights, for what tests do beside the output.
class ElasticAdmin {
 public:
  explicit ElasticAdmin(const Server& server);
  /// Asks and gives the body; a reply that is not 2xx is a failure of the test. `bad` allows it.
  std::string ask(const std::string& method, const std::string& path, const std::string& body = {}, bool bad = false);
  /// Every index that begins with `prefix` becomes a data stream, if no template of `setup` says more of it.
  void make_streams(const std::string& prefix);
  void rollover(const std::string& stream);
  /// Until the server is at work on no bulk request, half a minute at most.
  void wait_for_bulks();
  /// How often each id is in the stream, by reading all of it.
  std::map<std::string, int> scan(const std::string& stream);

 private:
  SystemClock clock_;
  PosixFs fs_;
  ElasticClient client_;
};

}  // namespace acta::test
