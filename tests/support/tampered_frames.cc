#include "support/tampered_frames.h"

#include "base/bytes.h"

namespace acta::test {

std::string change_headers(std::string_view bytes, const std::function<void(spool::SegmentHeader&)>& segment,
                           const std::function<void(spool::FrameHeader&)>& frame) {
  spool::SegmentHeader header;
  if (spool::decode(bytes, header) == spool::SegmentVerdict::good) {
    segment(header);
    return spool::encode(header);
  }
  constexpr size_t kMarkAt = 8;
  if (bytes.size() < spool::kFrameHeaderBytes) return std::string(bytes);
  auto found = spool::decode_frame(bytes, get_le<uint64_t>(bytes, kMarkAt));
  if (!found || bytes.size() != spool::kFrameHeaderBytes + found->stored) return std::string(bytes);
  frame(*found);
  std::string changed(bytes);
  spool::seal_frame(*found, changed);
  return changed;
}

}  // namespace acta::test
