#include "support/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>

#include "base/check.h"
#include "support/child.h"
#include "support/shared.h"

namespace acta::test {
namespace {

constexpr int kStartMilliseconds = 600'000;  // the archive may have to be fetched

std::string script_of(ServerKind kind) {
  switch (kind) {
    case ServerKind::opensearch:
    case ServerKind::opensearch_secure:
      return source_path("tests/services/opensearch.sh");
    case ServerKind::elasticsearch_secure:
      return source_path("tests/services/elasticsearch.sh");
    case ServerKind::kafka:
      break;
  }
  return source_path("tests/services/kafka.sh");
}

bool is_set(const char* name, const char* value) {
  const char* set = std::getenv(name);
  return set != nullptr && std::string(set) == value;
}

}  // namespace

const char* name_of(ServerKind kind) {
  switch (kind) {
    case ServerKind::opensearch:
      return "OpenSearch";
    case ServerKind::opensearch_secure:
      return "OpenSearchSecure";
    case ServerKind::elasticsearch_secure:
      return "ElasticsearchSecure";
    case ServerKind::kafka:
      break;
  }
  return "Kafka";
}

bool servers_are_required() {
  return is_set("CI", "true") && !is_set("ACTA_WITHOUT_SERVERS", "1");
}

uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  CHECK(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
  CHECK(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

Server::Server(ServerKind kind, std::vector<std::string> settings) : kind_(kind), settings_(std::move(settings)) {
  for (int i = 0; i < 4; ++i) ports_.push_back(free_port());
}

Server::~Server() {
  if (watcher_ < 0) return;
  ::close(watched_);
  while (::waitpid(watcher_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::unique_ptr<Server>& Server::kept() {
  static std::unique_ptr<Server> server;
  return server;
}

Result<Server*> Server::fresh(ServerKind kind) {
  kept().reset();
  return shared(kind);
}

Result<Server*> Server::shared(ServerKind kind) {
  static std::map<ServerKind, Error> refused;  // asking again would only take its time again
  if (kept() && kept()->kind() == kind) return kept().get();
  if (const auto found = refused.find(kind); found != refused.end()) return tl::unexpected(found->second);
  kept().reset();
  auto started = start(kind);
  if (!started) {
    refused[kind] = started.error();
    return tl::unexpected(started.error());
  }
  kept() = std::move(*started);
  return kept().get();
}

Result<std::unique_ptr<Server>> Server::start(ServerKind kind, const std::vector<std::string>& settings) {
  std::unique_ptr<Server> server(new Server(kind, settings));
  server->watch();
  if (auto ran = server->run("start"); !ran) return tl::unexpected(ran.error());
  return server;
}

/// A process of its own session that waits until our end of a pipe is closed, then stops the server.
void Server::watch() {
  int ends[2];
  CHECK(::pipe2(ends, O_CLOEXEC) == 0);
  const std::string script = script_of(kind_), dir = dir_ / "server";
  watcher_ = ::fork();
  CHECK(watcher_ >= 0);
  if (watcher_ == 0) {
    ::setsid();
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(ends[0], STDIN_FILENO);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    ::execl("/bin/bash", "bash", "-c", "read -r _; \"$0\" stop \"$1\"; rm -rf \"$1\"", script.c_str(), dir.c_str(),
            nullptr);
    ::_exit(127);
  }
  ::close(ends[0]);
  watched_ = ends[1];
}

Result<> Server::run(const std::string& verb) {
  std::vector<std::string> arguments{"/bin/bash", script_of(kind_), verb, dir_ / "server"};
  if (verb == "start") {
    const size_t ports = kind_ == ServerKind::kafka ? ports_.size() : 1;
    for (size_t i = 0; i < ports; ++i) arguments.push_back(std::to_string(ports_[i]));
    if (kind_ != ServerKind::kafka && secure()) arguments.emplace_back("-s");
    arguments.insert(arguments.end(), settings_.begin(), settings_.end());
  }
  Child child(arguments, dir_ / "script.log");
  if (!child.ended_within(kStartMilliseconds)) return fail(Errc::io, script_of(kind_) + " hangs");
  if (child.wait() != 0) return fail(Errc::io, script_of(kind_) + " " + verb + ": " + dir_.read("script.log"));
  return {};
}

Result<> Server::stop() {
  return run("stop");
}
Result<> Server::crash() {
  return run("crash");
}
Result<> Server::restart() {
  return run("start");
}

std::string Server::address() const {
  const std::string host = "127.0.0.1:" + std::to_string(port());
  if (kind_ == ServerKind::kafka) return host;
  return (secure() ? "https://" : "http://") + host;
}

std::string Server::password() {
  const char* set = std::getenv("SERVICES_PASSWORD");
  return set != nullptr ? set : "Tr0ub4dor-test-9";
}

}  // namespace acta::test
