#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <random>

#include "support/raw_server.h"

namespace acta::test {

/// A proxy in front of a plain HTTP server that does to requests what networks and balancers do.
class FaultProxy {
 public:
  enum class Fault : uint8_t {
    none,
    reset_before,  ///< the request never reaches the server; the connection is reset
    reset_after,   ///< the server has done it; the connection is reset in place of the reply
    half_reply,    ///< the server has done it; the reply is cut
    garbage,       ///< the server has done it; the reply is something else
    bad_gateway,   ///< the server has done it; 502 with a page in HTML
    stall,         ///< the server has done it; no reply for some time, then a reset
    replay         ///< the server gets the request twice, and the second reply is passed on
  };
  /// Says what happens to a request; its first line is given. Called by threads of the proxy.
  using Choose = std::function<Fault(const std::string& request_line)>;

  FaultProxy(uint16_t server_port, Choose choose);

  [[nodiscard]] std::string url() const { return proxy_.url(); }
  [[nodiscard]] size_t faults() const { return faults_.load(); }

 private:
  void serve(int socket);
  bool pass(int socket, int upstream, const std::string& request);

  const uint16_t server_port_;
  const Choose choose_;
  std::atomic<size_t> faults_{0};
  RawServer proxy_;  // last: serves as soon as it is there
};

}  // namespace acta::test
