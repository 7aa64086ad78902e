#include "sys/acct_framer.h"

#include <fmt/format.h>

#include "base/log.h"
#include "sys/acct_file.h"

namespace acta::accounting {

size_t AcctFramer::frame(RawBatch& batch, const FileChunk& chunk) {
  size_t done = 0;
  size_t pieces = 0;
  uint64_t first_piece = 0;
  while (done < chunk.size) {
    const Cut next = cut(batch.buffer().substr(chunk.at + done, chunk.size - done), chunk.last);
    if (next.what == Cut::What::more) break;
    const bool piece = next.what == Cut::What::piece;
    const uint64_t offset = chunk.offset + done;
    if (piece && pieces++ == 0) first_piece = offset;
    batch.item({.kind = RawKind::accounting_record,
                .piece = piece,
                .source = source_,
                .begin = {chunk.run, offset},
                .end = {chunk.run, offset + next.size},
                .origin = chunk.origin},
               chunk.at + done, next.size);
    ++items_;
    done += next.size;
  }
  if (pieces != 0) {
    const std::string path = chunk.origin != nullptr ? chunk.origin->path : std::string("standard input");
    log::warning(
        name_,
        fmt::format(
            "{}: what is at offset {} is no accounting record ({} such places in {} bytes): a pipeline_error document "
            "holds the bytes",
            path, first_piece, pieces, done));
  }
  return done;
}

}  // namespace acta::accounting
