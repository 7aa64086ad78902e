#pragma once
#include <httplib.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/certificates.h"

namespace acta::test {

/// An HTTP server on 127.0.0.1 that answers as a test says. Its handler runs on threads of its own.
class FakeServer {
 public:
  using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;
  struct Tls {
    Identity identity;
    std::string client_authority{};  ///< PEM: clients must show a certificate of it; empty: they need none
    int version_max = 0;             ///< TLS1_2_VERSION …; 0 for any
  };

  explicit FakeServer(Handler handler);
  FakeServer(Handler handler, Tls tls);
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  /// "http://127.0.0.1:1234"; another host by its name.
  [[nodiscard]] std::string url(const std::string& host = "127.0.0.1") const;
  [[nodiscard]] size_t requests() const { return requests_.load(); }
  /// Different connections that requests came by.
  [[nodiscard]] size_t connections() const;

 private:
  void start(Handler handler);

  std::unique_ptr<httplib::Server> server_;
  bool tls_ = false;
  int port_ = 0;
  std::atomic<size_t> requests_{0};
  mutable std::mutex mutex_;
  std::vector<int> ports_;  // of clients
  std::thread thread_;
};

}  // namespace acta::test
