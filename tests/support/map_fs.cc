#include "support/map_fs.h"

#include <cerrno>

namespace acta::test {
namespace {

class MapFile final : public File {
 public:
  explicit MapFile(std::string content) : content_(std::move(content)) {}
  Result<> append(std::string_view) override { return fail(Errc::io, "read only"); }
  Result<> sync() override { return {}; }
  Result<size_t> read_at(uint64_t offset, char* into, size_t size) override {
    if (offset >= content_.size()) return 0;
    return content_.copy(into, size, static_cast<size_t>(offset));
  }
  Result<> truncate(uint64_t) override { return fail(Errc::io, "read only"); }
  Result<FileStat> stat() override { return FileStat{.size = content_.size()}; }

 private:
  std::string content_;
};

}  // namespace

Result<std::unique_ptr<File>> MapFs::open(const std::string& path, OpenMode mode) {
  const auto found = files.find(path);
  if (found == files.end()) return fail_errno("cannot open " + path, ENOENT);
  if (mode != OpenMode::read) return fail(Errc::io, "read only");
  return std::make_unique<MapFile>(found->second);
}

Result<FileStat> MapFs::stat(const std::string& path) {
  const auto found = files.find(path);
  if (found == files.end()) return fail_errno("cannot stat " + path, ENOENT);
  return FileStat{.inode = inode, .size = found->second.size()};
}

Result<> MapFs::rename(const std::string&, const std::string&) {
  return fail(Errc::io, "read only");
}
Result<> MapFs::remove(const std::string&) {
  return fail(Errc::io, "read only");
}
Result<> MapFs::sync_dir(const std::string&) {
  return fail(Errc::io, "read only");
}
Result<std::vector<std::string>> MapFs::list(const std::string&) {
  return fail(Errc::io, "not listed");
}
Result<> MapFs::make_dirs(const std::string&) {
  return fail(Errc::io, "read only");
}

}  // namespace acta::test
