#include "support/tamper_fs.h"

namespace acta::test {

class TamperFs::TamperFile final : public File {
 public:
  TamperFile(TamperFs& fs, std::string path, std::unique_ptr<File> under)
      : fs_(fs), path_(std::move(path)), under_(std::move(under)) {}

  Result<> append(std::string_view bytes) override { return under_->append(fs_.change_(path_, bytes)); }
  Result<> sync() override { return under_->sync(); }
  Result<size_t> read_at(uint64_t offset, char* into, size_t size) override {
    return under_->read_at(offset, into, size);
  }
  Result<> truncate(uint64_t size) override { return under_->truncate(size); }
  Result<FileStat> stat() override { return under_->stat(); }
  Result<> set_mode(uint32_t mode) override { return under_->set_mode(mode); }

 private:
  TamperFs& fs_;
  std::string path_;
  std::unique_ptr<File> under_;
};

Result<std::unique_ptr<File>> TamperFs::open(const std::string& path, OpenMode mode) {
  auto file = under_.open(path, mode);
  if (!file) return file;
  return std::make_unique<TamperFile>(*this, path, std::move(*file));
}

}  // namespace acta::test
