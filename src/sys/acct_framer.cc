#include "sys/acct_framer.h"

#include "sys/acct_file.h"

namespace acta {

size_t AcctFramer::frame(RawBatch& batch, const FileChunk& chunk) {
  using accounting::Cut;
  size_t from = 0;
  while (from < chunk.size) {
    const Cut cut = accounting::cut(batch.buffer().substr(chunk.at + from, chunk.size - from), chunk.last);
    if (cut.what == Cut::What::more) break;
    const RawItem head{.kind = RawKind::accounting_record,
                       .piece = cut.what == Cut::What::piece,
                       .source = source_,
                       .begin = {chunk.run, chunk.offset + from},
                       .end = {chunk.run, chunk.offset + from + cut.size},
                       .origin = chunk.origin};
    batch.item(head, chunk.at + from, cut.size);
    ++items_;
    from += cut.size;
  }
  return from;
}

}  // namespace acta
