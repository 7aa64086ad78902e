#include "support/temp_dir.h"

#include <fstream>
#include <sstream>
#include <vector>

#include "base/check.h"

namespace acta::test {

TempDir::TempDir(const std::string& parent) {
  const std::filesystem::path above =
      parent.empty() ? std::filesystem::temp_directory_path() : std::filesystem::path(parent);
  const std::string pattern = (above / "actabeat-XXXXXX").string();
  std::vector<char> name(pattern.begin(), pattern.end());
  name.push_back('\0');
  CHECK(::mkdtemp(name.data()) != nullptr);
  path_ = name.data();
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::write(const std::string& name, const std::string& content) const {
  std::ofstream file(*this / name, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  CHECK(file.good());
  return *this / name;
}

std::string TempDir::read(const std::string& name) const {
  const std::ifstream file(*this / name, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace acta::test
