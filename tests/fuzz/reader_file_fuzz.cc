// Any bytes as a reader file: refused, or it says the same after it was written again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "spool/reader_file.h"
#include "spool/recovery.h"
#include "support/flat_fs.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  const auto parsed = acta::spool::parse_reader_file("file", content);
  if (parsed) {
    acta::test::FlatFs fs;
    fs.directories.insert("/d");
    if (!write_reader_file(fs, "/d", *parsed)) std::abort();
    const auto again = acta::spool::parse_reader_file("file", fs.files["/d/file.reader"]);
    if (!again || again->committed != parsed->committed || again->name != "file") std::abort();
  } else if (parsed.error().what.empty()) {
    std::abort();
  }
  const uint64_t synced = acta::spool::decode_synced(content);
  if (synced != 0 && acta::spool::encode_synced(synced) != content) std::abort();
  return 0;
}
