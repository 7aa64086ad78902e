#include "sys/audit/socket.h"

#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "sys/audit/control.h"
#include "sys/audit/frame.h"

namespace acta::kaudit {
namespace {

constexpr size_t kAtOnce = 64;
// Records end at MAX_AUDIT_MESSAGE_LENGTH of libaudit.h (8970) and what the kernel puts before a program's text.
constexpr size_t kDatagramMax = 16u << 10;
constexpr int kRegisterWaitMs = 5000;
constexpr size_t kEarlyMax = 1024;

class AuditStream final : public FrameSource {
 public:
  explicit AuditStream(Fd socket) : socket_(std::move(socket)), buffer_(kAtOnce * kDatagramMax, '\0') {
    for (size_t i = 0; i < kAtOnce; ++i) {
      parts_[i] = {.iov_base = buffer_.data() + i * kDatagramMax, .iov_len = kDatagramMax};
      messages_[i].msg_hdr = {.msg_name = &from_[i],
                              .msg_namelen = sizeof from_[i],
                              .msg_iov = &parts_[i],
                              .msg_iovlen = 1,
                              .msg_control = nullptr,
                              .msg_controllen = 0,
                              .msg_flags = 0};
    }
  }
  ~AuditStream() override { leave(); }
  AuditStream(const AuditStream&) = delete;
  AuditStream& operator=(const AuditStream&) = delete;

  [[nodiscard]] int fd() const override { return socket_.get(); }

  Result<Received> receive() override {
    if (!early_.empty()) return receive_early();
    const int got = ::recvmmsg(socket_.get(), messages_.data(), kAtOnce, MSG_DONTWAIT, nullptr);
    if (got < 0) {
      if (errno == EAGAIN || errno == EINTR) return Received{};
      if (errno == ENOBUFS) return Received{.overrun = true, .full = true};
      return fail_errno("reading the audit socket", errno);
    }
    const auto count = static_cast<size_t>(got);
    for (size_t i = 0; i < count; ++i) {
      datagrams_[i] = {.bytes = {buffer_.data() + i * kDatagramMax, messages_[i].msg_len},
                       .port = from_[i].nl_pid,
                       .truncated = (messages_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0};
      messages_[i].msg_hdr.msg_namelen = sizeof from_[i];
    }
    return Received{.datagrams = {datagrams_.data(), count}, .full = count == kAtOnce};
  }

  // Until the kernel has acknowledged it, records may come already; they are kept for receive().
  Result<> enter() {
    const std::string what = "becoming the audit daemon";
    audit_status status{};
    status.mask = AUDIT_STATUS_PID;
    status.pid = static_cast<uint32_t>(::getpid());
    const std::string_view data(reinterpret_cast<const char*>(&status), sizeof status);
    if (auto sent = send_message(socket_.get(), AUDIT_SET, ++sequence_, data, what); !sent) return sent;
    while (early_.size() < kEarlyMax) {
      pollfd waited{.fd = socket_.get(), .events = POLLIN, .revents = 0};
      const int ready = ::poll(&waited, 1, kRegisterWaitMs);
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) break;
      std::string datagram(kDatagramMax, '\0');
      sockaddr_nl from{};
      socklen_t size = sizeof from;
      const ssize_t got = ::recvfrom(socket_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT,
                                     reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 0) continue;
      datagram.resize(static_cast<size_t>(got));
      const Frame frame = read_frame(datagram);
      if (from.nl_pid != 0 || frame.kind != Frame::Kind::answer || frame.type != NLMSG_ERROR) {
        early_.push_back({std::move(datagram), from.nl_pid});
        continue;
      }
      int error = 0;
      if (frame.text.size() >= sizeof error) std::memcpy(&error, frame.text.data(), sizeof error);
      registered_ = error == 0;
      return registered_ ? Result<>{} : refused(what, -error);
    }
    return fail(Errc::io, what + ": the kernel did not answer");
  }

  void leave() override {
    if (!registered_) return;
    registered_ = false;
    audit_status status{};
    status.mask = AUDIT_STATUS_PID;
    static_cast<void>(send_message(socket_.get(), AUDIT_SET, ++sequence_,
                                   {reinterpret_cast<const char*>(&status), sizeof status}, "leaving"));
  }

 private:
  struct Early {
    std::string bytes;
    uint32_t port;
  };

  Result<Received> receive_early() {
    const size_t count = std::min(early_.size(), kAtOnce);
    given_.assign(std::make_move_iterator(early_.begin()),
                  std::make_move_iterator(early_.begin() + static_cast<ptrdiff_t>(count)));
    early_.erase(early_.begin(), early_.begin() + static_cast<ptrdiff_t>(count));
    for (size_t i = 0; i < count; ++i) datagrams_[i] = {.bytes = given_[i].bytes, .port = given_[i].port};
    return Received{.datagrams = {datagrams_.data(), count}, .full = true};
  }

  Fd socket_;
  std::string buffer_;
  std::array<mmsghdr, kAtOnce> messages_{};
  std::array<iovec, kAtOnce> parts_{};
  std::array<sockaddr_nl, kAtOnce> from_{};
  std::array<Datagram, kAtOnce> datagrams_{};
  std::vector<Early> early_, given_;
  uint32_t sequence_ = 0;
  bool registered_ = false;
};

// As large as asked where we may; else what net.core.rmem_max allows.
void enlarge(int socket, size_t bytes) {
  const int wanted = static_cast<int>(bytes);
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) == 0) return;
  ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  log::warning(
      "audit_netlink",
      fmt::format("the receive buffer is limited by net.core.rmem_max: without CAP_NET_ADMIN raise that to {}", bytes));
}

}  // namespace

Result<Fd> open_audit_socket() {
  Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT));
  if (!socket) return refused("opening an audit socket", errno);
  return socket;
}

Result<> send_message(int socket, uint16_t type, uint32_t sequence, std::string_view data, const std::string& what) {
  nlmsghdr header{.nlmsg_len = static_cast<uint32_t>(NLMSG_LENGTH(data.size())),
                  .nlmsg_type = type,
                  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
                  .nlmsg_seq = sequence,
                  .nlmsg_pid = 0};
  std::string message(reinterpret_cast<const char*>(&header), sizeof header);
  message += data;
  message.resize(NLMSG_SPACE(data.size()), '\0');
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  while (::sendto(socket, message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&kernel),
                  sizeof kernel) < 0) {
    if (errno != EINTR) return refused(what, errno);
  }
  return {};
}

Result<std::unique_ptr<FrameSource>> open_stream(const SocketOptions& options) {
  auto socket = open_audit_socket();
  if (!socket) return tl::unexpected(socket.error());
  enlarge(socket->get(), options.receive_buffer);
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  own.nl_groups = options.way == Way::multicast ? 1u << (AUDIT_NLGRP_READLOG - 1) : 0;
  if (::bind(socket->get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) < 0) {
    auto denied = refused("joining the audit multicast group", errno);
    if (denied.value().sys == EPERM) {
      return fail(Errc::denied,
                  "joining the audit multicast group: it needs CAP_AUDIT_READ: run as root or with that "
                  "capability",
                  EPERM);
    }
    return denied;
  }
  auto stream = std::make_unique<AuditStream>(std::move(*socket));
  if (options.way == Way::unicast) {
    if (auto entered = stream->enter(); !entered) return tl::unexpected(entered.error());
  }
  return stream;
}

}  // namespace acta::kaudit
