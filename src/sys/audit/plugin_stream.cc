#include "sys/audit/plugin_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "sys/audit/frame.h"

namespace acta::kaudit {
namespace {

constexpr std::string_view kComponent = "audit_plugin";
constexpr size_t kReadBytes = 64u << 10;
constexpr size_t kLineMax = 1u << 20;  // longer than any record: what came is given as it is
constexpr size_t kFullFrame = 8970;    // MAX_AUDIT_MESSAGE_LENGTH: what auditd 3 writes after each header
constexpr uint32_t kHeaderLength = 16;

struct FrameHeader {
  uint32_t version, header_length, type, size;
};
static_assert(sizeof(FrameHeader) == kHeaderLength);

bool is_header(std::string_view bytes, FrameHeader& header) {
  if (bytes.size() < sizeof header) return false;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header.version <= 1 && header.header_length == kHeaderLength && header.size <= kFullFrame;
}

std::string_view trimmed(std::string_view text) {
  return text.substr(0, text.find_last_not_of(std::string_view("\0\n", 2)) + 1);
}

}  // namespace

PluginStream::PluginStream(std::string path, const Clock& clock) : path_(std::move(path)), clock_(clock) {
  if (!path_.empty()) return;
  fd_ = Fd(::dup(STDIN_FILENO));
  ::fcntl(fd_.get(), F_SETFL, ::fcntl(fd_.get(), F_GETFL) | O_NONBLOCK);
}

bool PluginStream::connect() {
  const Nanos now = clock_.monotonic();
  if (now < next_try_) return false;
  next_try_ = now + kReconnect;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) {
    at_end_ = true;
    log::error(kComponent, fmt::format("{}: longer than a socket's path may be", path_));
    return false;
  }
  path_.copy(address.sun_path, path_.size());
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket && ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    fd_ = std::move(socket);
    last_trouble_.clear();
    begun_ = false;
    padding_ = Padding::unknown;
    return true;
  }
  const std::string trouble = fail_errno("connecting to " + path_, errno).value().what;
  if (trouble != last_trouble_)
    log::warning(kComponent, trouble + "; tried again every second (is auditd's af_unix plug-in active?)");
  last_trouble_ = trouble;
  return false;
}

void PluginStream::disconnect() {
  fd_.reset();
  if (from_ < buffer_.size() && begun_ && !binary_) lines_.emplace_back(buffer_.substr(from_));
  buffer_.clear();
  from_ = 0;
  at_end_ = path_.empty();
}

Result<Received> PluginStream::receive() {
  lines_.clear();
  datagrams_.clear();
  if (at_end_ || (!fd_ && !connect())) return Received{};
  const size_t had = buffer_.size();
  buffer_.resize(had + kReadBytes);
  const ssize_t got = ::read(fd_.get(), buffer_.data() + had, kReadBytes);
  const int error = errno;
  buffer_.resize(had + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  split();
  if (got == 0 || (got < 0 && error != EAGAIN && error != EINTR)) {
    if (got < 0) log::warning(kComponent, fail_errno("reading what auditd hands over", error).value().what);
    disconnect();
  }
  for (const std::string& line : lines_) datagrams_.push_back({.bytes = line, .is_line = true});
  return Received{.datagrams = datagrams_, .full = got == static_cast<ssize_t>(kReadBytes)};
}

void PluginStream::split() {
  if (!begun_ && buffer_.size() - from_ >= kHeaderLength) {
    FrameHeader header{};
    binary_ = is_header(std::string_view(buffer_).substr(from_), header);
    begun_ = true;
  }
  if (!begun_ && buffer_.find('\n', from_) == std::string::npos) return;
  while (binary_ ? split_frame() : split_line()) {
  }
  buffer_.erase(0, from_);
  from_ = 0;
}

bool PluginStream::split_line() {
  const size_t end = buffer_.find('\n', from_);
  if (end == std::string::npos && buffer_.size() - from_ < kLineMax) return false;
  const size_t size = std::min(end, from_ + kLineMax) - from_;
  lines_.emplace_back(buffer_, from_, size);
  from_ += size + (end == from_ + size ? 1 : 0);
  return true;
}

// A frame ends where its size says, or where auditd 3 pads it: what follows the first one tells which.
bool PluginStream::split_frame() {
  const std::string_view rest = std::string_view(buffer_).substr(from_);
  FrameHeader header{};
  if (!is_header(rest, header)) {
    if (rest.size() < kHeaderLength) return false;
    log::error(kComponent, "what auditd hands over is no frame: reading begins anew");
    from_ = buffer_.size();
    return false;
  }
  const size_t exact = kHeaderLength + header.size;
  if (padding_ == Padding::unknown && header.size < kFullFrame) {
    FrameHeader next{};
    if (rest.size() < exact || (rest.size() > exact && rest.size() < exact + kHeaderLength)) return false;
    const bool followed = rest.size() == exact || is_header(rest.substr(exact), next);
    padding_ = followed ? Padding::none : Padding::full;
  }
  const size_t size = padding_ == Padding::full ? kHeaderLength + kFullFrame : exact;
  if (rest.size() < size) return false;
  const std::string_view text = trimmed(rest.substr(kHeaderLength, header.size));
  lines_.push_back(header.version == 0 ? record_head(static_cast<uint16_t>(header.type)) + std::string(text)
                                       : std::string(text));
  from_ += size;
  return true;
}

}  // namespace acta::kaudit
