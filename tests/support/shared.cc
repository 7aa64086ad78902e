#include "support/shared.h"

#include <cstdlib>
#include <filesystem>

namespace acta::test {

std::string source_path(const std::string& relative) { return std::string(ACTA_SOURCE_DIR) + "/" + relative; }

std::optional<std::string> shared_dir() {
  const char* named = std::getenv("ACTA_SHARED");
  const std::filesystem::path dir = named != nullptr ? named : ACTA_SOURCE_DIR "/../shared";
  std::error_code ignored;
  if (!std::filesystem::is_directory(dir / "golden", ignored)) return std::nullopt;
  return std::filesystem::canonical(dir, ignored).string();
}

std::string program_path() { return ACTA_PROGRAM; }

}  // namespace acta::test
