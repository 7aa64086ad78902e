#include "support/fault_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace acta::test {
namespace {

constexpr int kStallMilliseconds = 1500;

int connect_to(uint16_t port) {
  const int upstream = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(upstream, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return upstream;
  ::close(upstream);
  return -1;
}

/// A whole reply of HTTP/1.1 with Content-Length; empty when it did not come whole.
std::string read_reply(int upstream) {
  std::string reply;
  char bytes[65'536];
  for (;;) {
    const size_t end = reply.find("\r\n\r\n");
    if (end != std::string::npos) {
      size_t length = 0;
      for (size_t line = 0; line < end; line = reply.find("\r\n", line) + 2) {
        constexpr std::string_view kLength = "content-length:";
        if (::strncasecmp(reply.c_str() + line, kLength.data(), kLength.size()) == 0)
          length = std::stoul(reply.substr(line + kLength.size()));
      }
      if (reply.size() >= end + 4 + length) return reply;
    }
    const ssize_t got = ::recv(upstream, bytes, sizeof bytes, 0);
    if (got <= 0) return {};
    reply.append(bytes, static_cast<size_t>(got));
  }
}

}  // namespace

FaultProxy::FaultProxy(uint16_t server_port, Choose choose)
    : server_port_(server_port), choose_(std::move(choose)), proxy_([this](int socket) { serve(socket); }) {}

void FaultProxy::serve(int socket) {
  const int upstream = connect_to(server_port_);
  if (upstream < 0) return reset_on_close(socket);
  for (;;) {
    const std::string request = read_request(socket);
    if (request.empty() || !pass(socket, upstream, request)) break;
  }
  ::close(upstream);
}

bool FaultProxy::pass(int socket, int upstream, const std::string& request) {
  const Fault fault = choose_(request.substr(0, request.find('\r')));
  if (fault != Fault::none) ++faults_;
  if (fault == Fault::reset_before) {
    reset_on_close(socket);
    return false;
  }
  if (!write_all(upstream, request)) return false;
  std::string reply = read_reply(upstream);
  if (reply.empty()) return false;
  switch (fault) {
    case Fault::none:
    case Fault::reset_before:
      return write_all(socket, reply);
    case Fault::replay:
      return write_all(upstream, request) && write_all(socket, read_reply(upstream));
    case Fault::reset_after:
      reset_on_close(socket);
      return false;
    case Fault::half_reply:
      write_all(socket, reply.substr(0, reply.size() - reply.size() / 3));
      return false;
    case Fault::garbage:
      return write_all(socket, http_reply("{\"items\":[{\"create\":{\"_id\":\"somebody's\",\"status\":201}}]}"));
    case Fault::bad_gateway:
      return write_all(socket, http_reply("<html>Bad Gateway</html>", "502 Bad Gateway"));
    case Fault::stall:
      wait_for_close(socket, kStallMilliseconds);
      reset_on_close(socket);
      return false;
  }
  return false;
}

}  // namespace acta::test
