#pragma once
#include <string>

namespace acta::test {

/// What a gzip (by zlib) or zstd file's bytes decompress to, by the ending of `name`; as it is without .gz or .zst.
/// Throws when damaged.
std::string inflate(const std::string& name, const std::string& bytes);

}  // namespace acta::test
