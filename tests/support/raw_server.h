#pragma once
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace acta::test {

/// A TCP server on 127.0.0.1 for what no decent server does: each connection is handed to the test's function, on a
/// thread of its own. The socket is closed when that returns.
class RawServer {
 public:
  using Handler = std::function<void(int socket)>;
  explicit RawServer(Handler handler);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url(const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port_);
  }
  [[nodiscard]] size_t connections() const { return connections_.load(); }

 private:
  void accept_all(const Handler& handler);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<size_t> connections_{0};
  std::thread thread_;
};

/// Reads one request of HTTP/1.1 with its body (by Content-Length); empty when the connection ended before that.
std::string read_request(int socket);
/// Writes all of it; false when the peer is gone.
bool write_all(int socket, const std::string& bytes);
/// Makes close(2) send a reset instead of an orderly end.
void reset_on_close(int socket);
/// Until the peer closes, or for so long.
void wait_for_close(int socket, int milliseconds);
/// Status 200 with a body of JSON.
std::string http_reply(const std::string& json, const std::string& status = "200 OK");

}  // namespace acta::test
