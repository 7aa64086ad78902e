#include "spool/scan.h"

#include <algorithm>

namespace acta::spool {

Result<Scan> scan_segment(SegmentReader& segment, bool open_payloads) {
  Scan scan;
  auto size = segment.size();
  if (!size) return tl::unexpected(size.error());
  scan.bytes = *size;
  scan.synced = segment.header().synced;
  SegmentReader::Frame frame;
  Batch documents;
  for (uint64_t at = kSegmentHeaderBytes; at < scan.bytes;) {
    auto good = segment.read(at, frame);
    if (!good) return tl::unexpected(good.error());
    if (!*good || (open_payloads && !segment.decode(frame, documents))) {
      auto next = segment.find(at + 1);
      if (!next) return tl::unexpected(next.error());
      if (!*next) break;
      at = **next;
      continue;
    }
    scan.frames.push_back({at, frame.after(), frame.header.first, frame.header.end()});
    scan.synced = std::max(scan.synced, frame.header.synced);
    at = frame.after();
  }
  return scan;
}

Ending find_ending(const std::vector<uint64_t>& firsts, const std::vector<Scan>& scans, uint64_t synced,
                   uint64_t begin) {
  Ending ending{.offset = std::min(begin, firsts.front()), .segment = 0, .keep = kSegmentHeaderBytes};
  ending.damaged.assign(firsts.size(), false);
  const auto hole = [&](size_t segment, uint64_t upto) {
    if (upto > ending.offset) ending.lost.push_back({ending.offset, upto});
    ending.damaged[segment] = true;
    ending.offset = std::max(ending.offset, upto);
  };
  for (size_t i = 0; i < scans.size(); ++i) {
    if (firsts[i] > ending.offset) {  // the segment before ends too early, or one is missing
      if (ending.offset >= synced) return ending;
      if (i > 0) hole(i - 1, firsts[i]);
      ending.offset = firsts[i];  // what is missing before the first one is counted by the readers that miss it
    }
    ending.segment = i;
    ending.keep = kSegmentHeaderBytes;
    for (const Scan::Good& frame : scans[i].frames) {
      if (frame.end <= ending.offset) {  // repeated: its documents are there already
        ending.keep = std::max(ending.keep, frame.after);
        continue;
      }
      if (frame.first > ending.offset || frame.at > ending.keep) {
        if (ending.offset >= synced) return ending;  // never promised: the log ends before it
        hole(i, frame.first);
      }
      ending.offset = frame.end;
      ending.keep = frame.after;
    }
  }
  if (ending.offset < synced) hole(scans.size() - 1, synced);
  return ending;
}

}  // namespace acta::spool
