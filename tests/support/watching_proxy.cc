#include "support/watching_proxy.h"

#include <utility>

namespace acta::test {

WatchingProxy::WatchingProxy(const Server& server)
    : server_(server),
      fake_([this](const httplib::Request& request, httplib::Response& reply) { pass(request, reply); }) {}

std::vector<std::string> WatchingProxy::take_answers() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answers_, {});
}

void WatchingProxy::replace_once(const std::string& what, const std::string& with) {
  const std::lock_guard lock(mutex_);
  what_ = what;
  with_ = with;
}

void WatchingProxy::pass(const httplib::Request& request, httplib::Response& reply) {
  httplib::Client client(server_.address());
  if (server_.secure()) {
    client.set_ca_cert_path(server_.tls_file("ca.pem").c_str());
    client.set_basic_auth(server_.user(), Server::password());
  }
  httplib::Request onward;
  onward.method = request.method;
  onward.path = request.target;
  onward.body = request.body;
  onward.headers.emplace("Content-Type", "application/json");
  const auto answer = client.send(onward);
  if (!answer) {
    reply.status = 502;
    return;
  }
  reply.status = answer->status;
  std::string body = answer->body;
  if (request.path == "/_search") {  // by a point in time: not the look for indices
    const std::lock_guard lock(mutex_);
    if (const size_t at = what_.empty() ? std::string::npos : body.find(what_); at != std::string::npos)
      body.replace(at, std::exchange(what_, {}).size(), with_);
    answers_.push_back(body);
  }
  reply.set_content(body, "application/json");
}

}  // namespace acta::test
