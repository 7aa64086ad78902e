#pragma once
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sys/audit/socket.h"

namespace acta::kaudit {

/// The records that auditd hands to a plug-in (auditd-plugins(5)): over standard input, or from the socket of its
/// af_unix plug-in, to which it connects again when that ends. Told by the first byte whether they come as lines
/// (format string) or as frames (format binary: a header of four 32-bit numbers {version, 16, type, size}; auditd 3
/// writes each frame with all 8970 bytes of its buffer, later ones as many as there are). Given as Datagrams that are
/// lines. One thread.
class PluginStream final : public FrameSource {
 public:
  static constexpr Nanos kReconnect = kSecond;

  /// `path` of the socket; empty: standard input. `clock` outlives it.
  PluginStream(std::string path, const Clock& clock);

  [[nodiscard]] int fd() const override { return fd_.get(); }
  Result<Received> receive() override;
  [[nodiscard]] bool at_end() const override { return at_end_; }

 private:
  bool connect();
  void disconnect();
  void split();
  bool split_line();
  bool split_frame();

  enum class Padding : uint8_t { unknown, none, full };

  const std::string path_;
  const Clock& clock_;
  Fd fd_;
  bool at_end_ = false;
  Nanos next_try_ = 0;
  std::string last_trouble_;
  std::string buffer_;
  size_t from_ = 0;  ///< of what is not split yet
  bool begun_ = false, binary_ = false;
  Padding padding_ = Padding::unknown;
  std::vector<std::string> lines_;
  std::vector<Datagram> datagrams_;
};

}  // namespace acta::kaudit
