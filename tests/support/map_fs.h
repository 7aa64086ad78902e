#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/fs.h"

namespace acta::test {

/// A file system of a few small files for reading; everything else fails with io.
class MapFs final : public Fs {
 public:
  std::map<std::string, std::string> files;
  uint64_t inode = 4026531836;  ///< of every file

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<FileStat> stat(const std::string& path) override;
  Result<> rename(const std::string& from, const std::string& to) override;
  Result<> remove(const std::string& path) override;
  Result<> sync_dir(const std::string& directory) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<> make_dirs(const std::string& directory) override;
};

}  // namespace acta::test
