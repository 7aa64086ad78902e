#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"

namespace acta::spool {

inline constexpr std::string_view kReaderSuffix = ".reader";

/// How far one output is done, as kept in `<name>.reader` (FORMAT.md).
struct ReaderFile {
  std::string name;
  uint64_t committed = 0;
};

/// Replaces the reader's file in `directory` in one step; durable when it returns.
Result<> write_reader_file(Fs& fs, const std::string& directory, const ReaderFile& reader);
/// Errc::corrupt when the content is not that of a reader file of this name; Errc::unsupported when a newer version
/// wrote it.
Result<ReaderFile> parse_reader_file(std::string_view name, std::string_view content);

}  // namespace acta::spool
