#include "spool/frame.h"

#include <zlib.h>

#include <cstring>

#include "base/bytes.h"

namespace acta::spool {
namespace {

constexpr std::string_view kSegmentMagic = "ACTASPL\n";
constexpr std::string_view kFrameMagic = "FRM1";
constexpr size_t kCrcAt = 60;
constexpr size_t kSaltAt = 32;
constexpr size_t kKeyCheckAt = 56;
constexpr uint16_t kSegmentEncrypted = 1;
constexpr uint16_t kSegmentAfterGap = 2;

uint32_t crc_of(std::string_view bytes, uint32_t crc = 0) {
  return static_cast<uint32_t>(crc32_z(crc, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::string header_bytes(const FrameHeader& header) {
  std::string bytes(kFrameMagic);
  put_le(bytes, header.stored);
  put_le(bytes, header.mark);
  put_le(bytes, header.first);
  put_le(bytes, header.count);
  put_le(bytes, header.flags);
  put_le(bytes, header.synced);
  put_le(bytes, header.raw);
  put_le(bytes, header.number);
  bytes.resize(kCrcAt, '\0');
  return bytes;
}

}  // namespace

std::string encode(const SegmentHeader& header) {
  std::string bytes(kSegmentMagic);
  put_le(bytes, kVersion);
  put_le(bytes,
         static_cast<uint16_t>((header.encrypted ? kSegmentEncrypted : 0) | (header.after_gap ? kSegmentAfterGap : 0)));
  put_le(bytes, static_cast<uint32_t>(kSegmentHeaderBytes));
  put_le(bytes, header.first);
  put_le(bytes, header.mark);
  bytes.append(header.salt.data(), header.salt.size());
  put_le(bytes, header.synced);
  bytes.append(header.key_check.data(), header.key_check.size());
  put_le(bytes, crc_of(bytes));
  return bytes;
}

SegmentVerdict decode(std::string_view bytes, SegmentHeader& header) {
  if (bytes.size() < kSegmentHeaderBytes || !bytes.starts_with(kSegmentMagic)) return SegmentVerdict::damaged;
  bytes = bytes.substr(0, kSegmentHeaderBytes);
  if (get_le<uint32_t>(bytes, kCrcAt) != crc_of(bytes.substr(0, kCrcAt))) return SegmentVerdict::damaged;
  if (get_le<uint16_t>(bytes, 8) > kVersion) return SegmentVerdict::newer;
  if (get_le<uint16_t>(bytes, 8) == 0 || get_le<uint32_t>(bytes, 12) != kSegmentHeaderBytes)
    return SegmentVerdict::damaged;
  header.encrypted = (get_le<uint16_t>(bytes, 10) & kSegmentEncrypted) != 0;
  header.after_gap = (get_le<uint16_t>(bytes, 10) & kSegmentAfterGap) != 0;
  header.first = get_le<uint64_t>(bytes, 16);
  header.mark = get_le<uint64_t>(bytes, 24);
  std::memcpy(header.salt.data(), bytes.data() + kSaltAt, header.salt.size());
  header.synced = get_le<uint64_t>(bytes, 48);
  std::memcpy(header.key_check.data(), bytes.data() + kKeyCheckAt, header.key_check.size());
  if (header.first > kOffsetMax || header.synced > kOffsetMax) return SegmentVerdict::damaged;
  return SegmentVerdict::good;
}

void seal_frame(const FrameHeader& header, std::string& frame) {
  std::string bytes = header_bytes(header);
  put_le(bytes, crc_of(std::string_view(frame).substr(kFrameHeaderBytes), crc_of(bytes)));
  bytes.copy(frame.data(), kFrameHeaderBytes);
}

std::string associated_data(const FrameHeader& header) {
  return header_bytes(header);
}

std::optional<FrameHeader> decode_frame(std::string_view bytes, Mark mark) {
  if (bytes.size() < kFrameHeaderBytes || !bytes.starts_with(kFrameMagic)) return std::nullopt;
  const FrameHeader header{.stored = get_le<uint32_t>(bytes, 4),
                           .mark = get_le<uint64_t>(bytes, 8),
                           .first = get_le<uint64_t>(bytes, 16),
                           .count = get_le<uint32_t>(bytes, 24),
                           .flags = get_le<uint32_t>(bytes, 28),
                           .synced = get_le<uint64_t>(bytes, 32),
                           .raw = get_le<uint32_t>(bytes, 40),
                           .number = get_le<uint32_t>(bytes, 44),
                           .crc = get_le<uint32_t>(bytes, kCrcAt)};
  const bool sane = header.mark == mark && header.count != 0 && header.stored <= kPayloadBytesMax &&
                    header.raw <= kPayloadBytesMax && header.first <= kOffsetMax && header.synced <= kOffsetMax;
  if (!sane) return std::nullopt;
  return header;
}

bool crc_holds(const FrameHeader& header, std::string_view bytes) {
  return crc_of(bytes.substr(kFrameHeaderBytes), crc_of(bytes.substr(0, kCrcAt))) == header.crc;
}

size_t find_frame(std::string_view bytes, size_t from, Mark mark) {
  for (size_t at = bytes.find(kFrameMagic, from); at != std::string_view::npos; at = bytes.find(kFrameMagic, at + 1)) {
    if (decode_frame(bytes.substr(at), mark)) return at;
  }
  return std::string_view::npos;
}

}  // namespace acta::spool
