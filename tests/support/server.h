#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "support/temp_dir.h"

namespace acta::test {

/// What tests/services can start.
enum class ServerKind : uint8_t { opensearch, opensearch_secure, elasticsearch_secure, kafka };

/// The word that a kind has in the names of parameterized tests, and in the filters of tests/CMakeLists.txt.
const char* name_of(ServerKind kind);

/// A real server on 127.0.0.1, started by tests/services and stopped by its pid; also when the test's process is
/// killed. One thread. It takes up to half a minute, more where the archive has to be fetched first.
class Server {
 public:
  /// The one that the tests of this process share, started at the first call for its kind. Asking for another kind
  /// stops it: no two are kept. Settings and documents of earlier tests are there: use names of your own.
  static Result<Server*> shared(ServerKind kind);
  /// The same, stopped first if it runs: it has nothing of earlier tests.
  static Result<Server*> fresh(ServerKind kind);
  /// One of a single test. `settings`: "name=value" of its command line (not for Kafka).
  static Result<std::unique_ptr<Server>> start(ServerKind kind, const std::vector<std::string>& settings = {});

  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Ends it by SIGTERM, or by SIGKILL; starts it again on the same port with the same data.
  Result<> stop();
  Result<> crash();
  Result<> restart();

  [[nodiscard]] ServerKind kind() const { return kind_; }
  /// "https://127.0.0.1:PORT", "http://…"; for Kafka "127.0.0.1:PORT".
  [[nodiscard]] std::string address() const;
  [[nodiscard]] uint16_t port() const { return ports_[0]; }
  [[nodiscard]] uint16_t sasl_ssl_port() const { return ports_[2]; }  ///< Kafka
  [[nodiscard]] uint16_t ssl_port() const { return ports_[3]; }       ///< Kafka, with a client certificate
  [[nodiscard]] bool secure() const { return kind_ != ServerKind::opensearch; }
  /// The user who may do everything; "nobody" has the same password and may do nothing.
  [[nodiscard]] const char* user() const { return kind_ == ServerKind::opensearch_secure ? "admin" : "test"; }
  [[nodiscard]] static std::string password();
  /// ca.pem, client.pem, client.key, server.pem …
  [[nodiscard]] std::string tls_file(const std::string& name) const { return dir_ / ("server/tls/" + name); }

 private:
  Server(ServerKind kind, std::vector<std::string> settings);
  static std::unique_ptr<Server>& kept();
  Result<> run(const std::string& verb);
  void watch();

  const ServerKind kind_;
  const std::vector<std::string> settings_;
  TempDir dir_;
  std::vector<uint16_t> ports_;
  int watched_ = -1;  // our end of the watcher's pipe: closed by the kernel when we die
  int watcher_ = -1;  // pid of the process that stops the server then
};

/// Whether a server that cannot be started fails the test: under CI=true, but for ACTA_WITHOUT_SERVERS=1.
bool servers_are_required();

/// A TCP port of 127.0.0.1 that was free a moment ago.
uint16_t free_port();

}  // namespace acta::test

/// Declares `name`, the shared Server of this kind, or skips loudly; fails where servers are required.
#define NEEDS_SERVER(name, kind) ACTA_NEEDS_SERVER(name, ::acta::test::Server::shared(kind))
#define NEEDS_FRESH_SERVER(name, kind) ACTA_NEEDS_SERVER(name, ::acta::test::Server::fresh(kind))
#define ACTA_NEEDS_SERVER(name, started)                                                                        \
  const auto name##_started = started;                                                                          \
  if (!name##_started && ::acta::test::servers_are_required()) FAIL() << name##_started.error().what;           \
  if (!name##_started) GTEST_SKIP() << "LOUD SKIP: no server to test against: " << name##_started.error().what; \
  ::acta::test::Server& name = **name##_started
