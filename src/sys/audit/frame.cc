#include "sys/audit/frame.h"

#include <fmt/format.h>
#include <libaudit.h>
#include <linux/netlink.h>

#include <array>
#include <charconv>
#include <cstring>

namespace acta::kaudit {
namespace {

constexpr uint16_t kFirstRecord = 1100;
constexpr size_t kTypes = 3000;  // record types are below it

Frame::Kind kind_of(uint16_t type) {
  if (type == kTypeReplace) return Frame::Kind::replace;
  if (type == kTypeUser || type == kTypeLogin || type >= kFirstRecord) return Frame::Kind::record;
  return Frame::Kind::answer;
}

std::string make_head(uint16_t type) {
  const char* name = audit_msg_type_to_name(type);
  return name != nullptr ? fmt::format("type={} msg=", name) : fmt::format("type=UNKNOWN[{}] msg=", type);
}

// All heads, made at the first use.
const std::array<std::string, kTypes>& heads() {
  static const auto* const all = [] {
    auto* made = new std::array<std::string, kTypes>;
    for (size_t type = 0; type < kTypes; ++type) (*made)[type] = make_head(static_cast<uint16_t>(type));
    return made;
  }();
  return *all;
}

}  // namespace

Frame read_frame(std::string_view datagram) {
  Frame frame;
  nlmsghdr header;
  if (datagram.size() < sizeof header) return frame;
  std::memcpy(&header, datagram.data(), sizeof header);
  frame.type = header.nlmsg_type;
  frame.sequence = header.nlmsg_seq;
  frame.kind = kind_of(frame.type);
  frame.text = datagram.substr(sizeof header);
  if (frame.kind != Frame::Kind::record) return frame;
  const size_t last = frame.text.find_last_not_of(std::string_view("\0\n", 2));
  frame.text = frame.text.substr(0, last + 1);  // npos + 1 is 0
  return frame;
}

uint32_t serial_of(std::string_view text) {
  const size_t stamp = text.find("audit(");
  const size_t colon = stamp == std::string_view::npos ? stamp : text.find(':', stamp);
  uint32_t serial = 0;
  if (colon == std::string_view::npos) return 0;
  const auto read = std::from_chars(text.data() + colon + 1, text.data() + text.size(), serial);
  return read.ec == std::errc() ? serial : 0;
}

const std::string& record_head(uint16_t type) {
  static const std::string none = "type=UNKNOWN[0] msg=";
  return type < kTypes ? heads()[type] : none;
}

}  // namespace acta::kaudit
