#include <fmt/format.h>

#include <cstdio>

#include "app/load.h"
#include "app/spool.h"
#include "app/spool_place.h"
#include "spool/compact.h"

namespace acta {

int run_spool_compact(const SpoolOptions& options) {
  PosixFs fs;
  const auto place = find_spool(fs, options);
  if (!place) return print_error(place.error());
  const std::string& directory = place->writer.directory;
  // Before the lock, which would make a spool of any directory.
  if (auto there = spool::survey(fs, directory, place->writer.master, spool::Depth::headers); !there)
    return print_error(there.error());
  const auto done = spool::compact(fs, place->writer, place->segment_bytes);
  if (!done) return print_error(done.error());
  if (options.json) {
    fmt::print(
        R"({{"path":"{}","segments_before":{},"segments_after":{},"bytes_before":{},"bytes_after":{},"passed":{},)"
        R"("left_alone":{}}})"
        "\n",
        directory, done->segments_before, done->segments_after, done->bytes_before, done->bytes_after, done->passed,
        done->left_alone);
    return 0;
  }
  fmt::print("{}: {} segments of {} bytes became {} of {}; {} documents that every output has are gone\n", directory,
             done->segments_before, done->bytes_before, done->segments_after, done->bytes_after, done->passed);
  if (done->left_alone > 0) fmt::print("{} damaged segments stay as they are: see spool verify\n", done->left_alone);
  return 0;
}

}  // namespace acta
