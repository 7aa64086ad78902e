#include "support/raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>

#include "base/check.h"

namespace acta::test {
namespace {

constexpr int kLookMilliseconds = 20;

bool readable(int socket, int milliseconds) {
  pollfd wait{.fd = socket, .events = POLLIN, .revents = 0};
  return ::poll(&wait, 1, milliseconds) > 0;
}

}  // namespace

RawServer::RawServer(Handler handler) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && ::listen(listener_, 64) == 0);
  socklen_t size = sizeof address;
  CHECK(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, handler = std::move(handler)] { accept_all(handler); });
}

RawServer::~RawServer() {
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

void RawServer::accept_all(const Handler& handler) {
  std::vector<std::thread> threads;
  while (!stopping_) {
    if (!readable(listener_, kLookMilliseconds)) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    ++connections_;
    threads.emplace_back([&handler, socket] {
      handler(socket);
      ::close(socket);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

std::string read_request(int socket) {
  std::string request;
  char bytes[65'536];
  size_t want = std::string::npos;
  while (request.size() < want) {
    const ssize_t got = ::recv(socket, bytes, sizeof bytes, 0);
    if (got <= 0) return {};
    request.append(bytes, static_cast<size_t>(got));
    const size_t end = request.find("\r\n\r\n");
    if (want != std::string::npos || end == std::string::npos) continue;
    want = end + 4;
    constexpr std::string_view kLength = "Content-Length: ";
    if (const size_t at = request.find(kLength); at < end) {
      size_t body = 0;
      std::from_chars(request.data() + at + kLength.size(), request.data() + end, body);
      want += body;
    }
  }
  return request;
}

bool write_all(int socket, const std::string& bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t put = ::send(socket, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (put <= 0) return false;
    at += static_cast<size_t>(put);
  }
  return true;
}

void reset_on_close(int socket) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

void wait_for_close(int socket, int milliseconds) {
  char byte = 0;
  while (readable(socket, milliseconds) && ::recv(socket, &byte, 1, 0) > 0) {
  }
}

std::string http_reply(const std::string& json, const std::string& status) {
  return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(json.size()) +
         "\r\n\r\n" + json;
}

}  // namespace acta::test
