#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace acta::spool {

/// Sizes and magics of FORMAT.md, version 2.
inline constexpr size_t kSegmentHeaderBytes = 64;
inline constexpr size_t kFrameHeaderBytes = 64;
inline constexpr uint16_t kVersion = 2;  ///< also read: 1, whose documents have no routes
inline constexpr uint64_t kSegmentBytesMax = 64u << 20;
/// No payload is longer, stored or not: a length beyond it is damage.
inline constexpr uint32_t kPayloadBytesMax = 1u << 30;
/// No offset is higher: one beyond it is damage. A document each nanosecond for a century stays below.
inline constexpr uint64_t kOffsetMax = uint64_t{1} << 62;

enum FrameFlags : uint32_t { kZstd = 1, kEncrypted = 2 };

using Mark = uint64_t;
using Salt = std::array<char, 16>;
/// Tells a wrong key from a damaged frame; says nothing about the key.
using KeyCheck = std::array<char, 4>;

/// The header of a segment.
struct SegmentHeader {
  bool encrypted = false;
  bool after_gap = false;  ///< no document has an offset from `synced` to `first`: the log before ended there
  uint64_t first = 0;      ///< offset of the first document
  Mark mark = 0;
  Salt salt{};
  uint64_t synced = 0;
  KeyCheck key_check{};
};

std::string encode(const SegmentHeader& header);

enum class SegmentVerdict : uint8_t { good, damaged, newer };
/// Reads a header; `newer` when it is whole and of a version above ours.
SegmentVerdict decode(std::string_view bytes, SegmentHeader& header);

/// The header of a frame.
struct FrameHeader {
  uint32_t stored = 0;  ///< bytes of the payload as stored
  Mark mark = 0;
  uint64_t first = 0;
  uint32_t count = 0;
  uint32_t flags = 0;
  uint64_t synced = 0;
  uint32_t raw = 0;     ///< bytes of the payload before compression
  uint32_t number = 0;  ///< in the segment, from 0
  uint32_t crc = 0;
  [[nodiscard]] uint64_t end() const { return first + count; }
};

/// Completes a frame whose payload stands at kFrameHeaderBytes in `frame`: writes the header before it, with the CRC of
/// both.
void seal_frame(const FrameHeader& header, std::string& frame);
/// The first 60 bytes of the header as written: the associated data of encryption.
std::string associated_data(const FrameHeader& header);
/// The header when `bytes` begin with one that could belong to the segment of that mark: magic, mark, limits. The CRC
/// is not looked at.
std::optional<FrameHeader> decode_frame(std::string_view bytes, Mark mark);
/// True when the CRC holds; `bytes` is the header and the whole payload.
bool crc_holds(const FrameHeader& header, std::string_view bytes);
/// Where in `bytes`, from `from` on, the next frame of that mark may begin; npos when nowhere.
size_t find_frame(std::string_view bytes, size_t from, Mark mark);

}  // namespace acta::spool
