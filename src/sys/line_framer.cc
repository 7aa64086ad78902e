#include "sys/line_framer.h"

#include <cstring>

namespace acta {

void LineFramer::give(RawBatch& batch, const FileChunk& chunk, size_t from, size_t size, size_t end, bool piece) {
  RawItem& item = batch.item(chunk.at + from, size);
  item.kind = RawKind::audit_record;
  item.piece = piece;
  item.source = source_;
  item.begin = {chunk.run, chunk.offset + from};
  item.end = {chunk.run, chunk.offset + end};
  item.origin = chunk.origin;
  ++items_;
}

size_t LineFramer::frame(RawBatch& batch, const FileChunk& chunk) {
  size_t from = 0;
  bool piece = chunk.before != '\n';  // the chunk begins inside a long line
  while (from < chunk.size) {
    const std::string_view rest = batch.buffer().substr(chunk.at + from, chunk.size - from);
    const auto* line_end = static_cast<const char*>(std::memchr(rest.data(), '\n', rest.size()));
    if (line_end == nullptr) {
      const bool too_long = rest.size() >= kRecordBytesMax;
      if (!chunk.last && !too_long) break;
      give(batch, chunk, from, rest.size(), from + rest.size(), piece || too_long);
      return chunk.size;
    }
    const auto length = static_cast<size_t>(line_end - rest.data());
    const size_t carriage_return = length != 0 && rest[length - 1] == '\r' ? 1 : 0;
    if (length > carriage_return) give(batch, chunk, from, length - carriage_return, from + length + 1, piece);
    from += length + 1;
    piece = false;
  }
  return from;
}

}  // namespace acta
