#pragma once
#include <cstdint>
#include <string>

#include "base/fs.h"
#include "base/result.h"

namespace acta::config {

/// A configuration says what runs as root and where documents go: only root and who runs the agent (`uid`) may own or
/// write it. Errc::denied says what to change, else.
Result<> check_permissions(const std::string& path, const FileStat& stat, uint32_t uid);

}  // namespace acta::config
